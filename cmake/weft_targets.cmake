# The headers nearly every file includes, parsed once a build: cmake/precompiled.h for the libraries, and with GoogleTest for
# the test programs, which only need to compile fast. Programs take -fPIC as libraries do: the compiler refuses headers
# precompiled for another kind of code.
set(WEFT_PROGRAM_OPTIONS -Wall -Wextra -Wno-missing-field-initializers -fPIC)
set(WEFT_TEST_OPTIONS ${WEFT_PROGRAM_OPTIONS} -O0)
add_library(weft_precompiled OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
target_include_directories(weft_precompiled PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(weft_precompiled PRIVATE fmt::fmt)
target_precompile_headers(weft_precompiled PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
if(WEFT_TESTS)
  add_library(weft_precompiled_test OBJECT EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
  target_include_directories(weft_precompiled_test PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(weft_precompiled_test PRIVATE fmt::fmt GTest::gtest GTest::gmock)
  target_compile_options(weft_precompiled_test PRIVATE ${WEFT_TEST_OPTIONS})
  target_precompile_headers(weft_precompiled_test PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h <gmock/gmock.h> <gtest/gtest.h>)
endif()

# A compiler cache would hand one checkout the headers that another has precompiled, which name that checkout's files.
foreach(precompiled weft_precompiled weft_precompiled_test)
  if(TARGET ${precompiled})
    set_target_properties(${precompiled} PROPERTIES CXX_COMPILER_LAUNCHER "")
  endif()
endforeach()

# Files of a folder are compiled several together: from nothing that takes a third of the time, after a change it takes longer.
# What an anonymous namespace names is visible to the next file then: ALONE names the files whose names would collide.
option(WEFT_UNITY "Compile several files of a folder together" OFF)
function(weft_unity TARGET)
  if(WEFT_UNITY)
    set_target_properties(${TARGET} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 24)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# weft_library(NAME <folder> SOURCES ... ALONE ... DEPENDS weft_x ... LIBRARIES third-party ...)
# One static library per folder; `DEPENDS` lists the folders it may include.
function(weft_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;ALONE;DEPENDS;LIBRARIES" ${ARGN})
  add_library(weft_${ARG_NAME} STATIC ${ARG_SOURCES} ${ARG_ALONE})
  target_include_directories(weft_${ARG_NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_compile_options(weft_${ARG_NAME} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Werror -Wthread-safety>)
  target_link_libraries(weft_${ARG_NAME} PUBLIC ${ARG_DEPENDS} ${ARG_LIBRARIES})
  target_precompile_headers(weft_${ARG_NAME} REUSE_FROM weft_precompiled)
  weft_unity(weft_${ARG_NAME} ${ARG_ALONE})
endfunction()

# weft_check_alignment(TARGET): its code reads numbers where bytes lie, so that the sanitizers look at where.
function(weft_check_alignment TARGET)
  if(WEFT_SANITIZE MATCHES "undefined")
    target_compile_options(${TARGET} PRIVATE -fsanitize=alignment)
  endif()
endfunction()

# What the sanitizers run: every test program and the simulator, nothing else.
add_custom_target(checks)

# And what ThreadSanitizer runs: those with THREADS.
add_custom_target(threads)

# weft_test(NAME <folder> [THREADS] SOURCES x_test.cc ... DEPENDS weft_x ...): one GoogleTest program per folder, run by ctest, with
# the label `threads` where the folder has threads of its own. `all` leaves it out of the release build, whose programs are for use and measurement; named as a target it is built there too.
function(weft_test)
  if(NOT WEFT_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "THREADS" "NAME" "SOURCES;ALONE;DEPENDS" ${ARGN})
  add_executable(${ARG_NAME}_test ${ARG_SOURCES} ${ARG_ALONE})
  target_link_libraries(${ARG_NAME}_test PRIVATE ${ARG_DEPENDS} GTest::gtest GTest::gmock GTest::gtest_main Threads::Threads)
  target_compile_options(${ARG_NAME}_test PRIVATE ${WEFT_TEST_OPTIONS})
  target_precompile_headers(${ARG_NAME}_test REUSE_FROM weft_precompiled_test)
  weft_unity(${ARG_NAME}_test ${ARG_ALONE})
  target_compile_definitions(${ARG_NAME}_test PRIVATE WEFT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set_target_properties(${ARG_NAME}_test PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME}_test)
  add_dependencies(checks ${ARG_NAME}_test)
  if(ARG_THREADS)
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS threads)
    add_dependencies(threads ${ARG_NAME}_test)
  endif()
endfunction()

# weft_allocator(TARGET): links a program with jemalloc, except under sanitizers, which bring their own allocator.
function(weft_allocator TARGET)
  if(NOT WEFT_SANITIZE)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
    target_link_libraries(${TARGET} PRIVATE PkgConfig::JEMALLOC)
    target_sources(${TARGET} PRIVATE ${CMAKE_SOURCE_DIR}/src/base/malloc_conf.cc)
  endif()
endfunction()

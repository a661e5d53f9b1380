# weft_library(NAME <folder> SOURCES ... DEPENDS weft_x ... LIBRARIES third-party ... PCH headers ...)
# One static library per folder; `DEPENDS` lists the folders it may include.
function(weft_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPENDS;LIBRARIES;PCH" ${ARGN})
  add_library(weft_${ARG_NAME} STATIC ${ARG_SOURCES})
  target_include_directories(weft_${ARG_NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_compile_options(weft_${ARG_NAME} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Werror -Wthread-safety>)
  target_link_libraries(weft_${ARG_NAME} PUBLIC ${ARG_DEPENDS} ${ARG_LIBRARIES})
  if(ARG_PCH)
    target_precompile_headers(weft_${ARG_NAME} PRIVATE ${ARG_PCH})
  endif()
endfunction()

# weft_test(NAME <folder> SOURCES x_test.cc ... DEPENDS weft_x ...): one GoogleTest program per folder, run by ctest.
function(weft_test)
  if(NOT WEFT_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${ARG_NAME}_test ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME}_test PRIVATE ${ARG_DEPENDS} GTest::gtest GTest::gmock GTest::gtest_main Threads::Threads)
  # The code under test is optimized as the preset says; the tests themselves only need to compile fast.
  target_compile_options(${ARG_NAME}_test PRIVATE -Wall -Wextra -Wno-missing-field-initializers -O0)
  target_compile_definitions(${ARG_NAME}_test PRIVATE WEFT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME}_test)
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

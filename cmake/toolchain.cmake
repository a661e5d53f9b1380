# Compiler, linker and cache settings shared by every target.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Paths are cached relative to the checkout, so that another clone finds the same objects.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE_PROGRAM})
endif()
find_program(LLD_PROGRAM ld.lld-19)
if(LLD_PROGRAM)
  add_link_options(-fuse-ld=lld-19)
endif()

add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1 -D_GLIBCXX_ASSERTIONS -fno-omit-frame-pointer")
# A tree for trying things out compiles in half the time with -DWEFT_OPTIMIZATION=-O0; what is measured and shipped never does.
set(WEFT_OPTIMIZATION "-O2" CACHE STRING "How the release build optimises")
set(CMAKE_CXX_FLAGS_RELEASE "${WEFT_OPTIMIZATION} -g1 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong")
set(CMAKE_PCH_INSTANTIATE_TEMPLATES ON)
if(WEFT_SANITIZE)
  add_compile_options(-fsanitize=${WEFT_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WEFT_SANITIZE})
  # Looked at before each use of a pointer, they are 40 % of the objects and a quarter of the compiler's time. A null pointer
  # that is used ends the program under ASan all the same; where bytes are read as numbers weft_check_alignment() stands.
  if(WEFT_SANITIZE MATCHES "undefined" AND NOT WEFT_FUZZ)
    add_compile_options(-fno-sanitize=null,alignment)
  endif()
  # Format strings are checked while compiling in the builds without sanitizers; once is enough.
  add_compile_definitions(FMT_CONSTEVAL=)
endif()

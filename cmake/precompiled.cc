// CMake needs one source to precompile headers for.

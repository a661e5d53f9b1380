#pragma once

#include <string_view>

namespace weft::lambda {

// The texts of runtime_node.mjs and runtime_python.py, put in by the build (embed_text.cmake).
extern const std::string_view kNodeBootstrap;
extern const std::string_view kPythonBootstrap;

}  // namespace weft::lambda

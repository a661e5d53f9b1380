#pragma once

#include <string_view>

namespace weft::api {

// result_shapes.txt as it is, made by the build; its head says how it is written.
extern const std::string_view kResultShapes;

}  // namespace weft::api

#pragma once

#include <string_view>

namespace weft::asl {

// Whether `text` is a JSON Pointer (RFC 6901): "", or parts that start with '/'.
bool is_json_pointer(std::string_view text);

}  // namespace weft::asl

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weft::maprun::items {

// `text`, one JSON value in UTF-8, in the form AWS hands items on: compact, its numbers as Java
// prints them. kInvalidJson names the place: `offset` is that of the text in its file.
base::Result<std::string> compact_json(std::string_view text, uint64_t offset);

std::string_view without_blanks(std::string_view text);

}  // namespace weft::maprun::items

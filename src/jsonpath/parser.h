#pragma once

#include <expected>
#include <string_view>

#include "jsonpath/failure.h"
#include "jsonpath/steps.h"

// Internal to src/jsonpath.

namespace weft::jsonpath {

// Reads the text of a path (docs/reference/jsonpath.md, "What a path is made of"). `filter_depth`
// counts the filters around it.
std::expected<Steps, CompileError> parse_path(std::string_view text, int filter_depth = 0);

}  // namespace weft::jsonpath

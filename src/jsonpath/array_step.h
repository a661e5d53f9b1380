#pragma once

#include <expected>
#include <string_view>

#include "jsonpath/failure.h"
#include "jsonpath/steps.h"

// Internal to src/jsonpath.

namespace weft::jsonpath {

// Reads an index, a list of indices, a slice or an index from the end out of `fragment` (with its
// brackets), beginning at byte `at`, where the first digit, `:`, `-` or `@` stands.
std::expected<Step, CompileError> parse_array_step(std::string_view fragment, size_t at);

}  // namespace weft::jsonpath

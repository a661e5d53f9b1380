#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "json/value.h"

// Internal to src/jsonpath: what functions ask of their arguments.

namespace weft::jsonpath {

using Refusal = std::unexpected<std::string>;

// "argument 2 must be an array, but was: 5". Long values are cut.
Refusal refuse(size_t place, std::string_view wanted, const json::Value& value);

std::expected<std::string_view, std::string> string_argument(std::span<const json::Value> arguments,
                                                             size_t place);
std::expected<json::Value, std::string> array_argument(std::span<const json::Value> arguments,
                                                       size_t place);
// A number rounded as AWS does, floor(x + 0.5), within 32 bits (AWS guide).
std::expected<int64_t, std::string> integer_argument(std::span<const json::Value> arguments,
                                                     size_t place);

// Whether `value` is at most `bytes_max` bytes as JSON, counted no further than that.
bool fits_text(const json::Value& value, size_t bytes_max);

}  // namespace weft::jsonpath

#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"
#include "json/arena.h"
#include "json/value.h"

namespace weft::json {

// Where and why a text is no JSON. Lines and columns count from 1, columns in bytes.
struct ParseError {
  size_t offset = 0;
  size_t line = 1;
  size_t column = 1;
  std::string message;  // without the place
};

// Parses one JSON text (RFC 8259, nothing else: no comments, no trailing commas, nothing after the
// value). Strings without escapes refer to `text`, which must outlive the value. Input must be
// UTF-8; \uD800 escapes without their partner are accepted and kept in three bytes. Of members with
// one name the last wins, in the place of the first. Nesting beyond base::kJsonDepthMax and numbers
// beyond the range of a double are errors. Error: kInvalidJson, "... at line L, column C".
base::Result<Value> parse(std::string_view text, Arena& arena);

// The same, with `text` copied into the arena first, so the value outlives it.
base::Result<Value> parse_copy(std::string_view text, Arena& arena);

// The same as parse() with the place of the error as numbers.
std::expected<Value, ParseError> parse_located(std::string_view text, Arena& arena);

}  // namespace weft::json

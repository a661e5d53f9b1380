#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// A TOML file as plain values that know where they stand. The parser is seen by settings_file.cc
// alone.

namespace weft::cli {

struct TomlEntry;

struct TomlValue {
  enum class Kind : uint8_t { kSwitch, kNumber, kReal, kText, kTime, kList, kTable };
  Kind kind = Kind::kTable;
  // As it would be typed behind a flag: "true", "5", "0.5", the text itself; of a table the JSON of
  // it.
  std::string text;
  std::vector<TomlValue> items;    // of a list
  std::vector<TomlEntry> members;  // of a table, in the file's order
  size_t line = 0;                 // from 1, in characters
  size_t column = 0;
};

struct TomlEntry {
  std::string key;
  size_t line = 0;
  size_t column = 0;
  TomlValue value;
};

// The table that `text` is; `path` is what errors call it. kInvalidArgument: `PATH:LINE:COLUMN: is
// no TOML: ...`.
base::Result<TomlValue> parse_toml(std::string_view text, const std::string& path);

// For messages: `"text"`, `5`, `a list`, `a table`.
std::string shown(const TomlValue& value);

}  // namespace weft::cli

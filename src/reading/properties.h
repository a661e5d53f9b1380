#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "columns/columns.h"
#include "columns/filter.h"
#include "reading/query.h"

// Columns that are read out of what children were given and did, because somebody asks for them.

namespace weft::reading {

// Inputs that are looked at to learn their shape, and bytes of them.
inline constexpr size_t kInputsSampled = 1'000;
inline constexpr size_t kInputBytesSampled = size_t{8} << 20;
// Members of the input that are looked at together.
inline constexpr size_t kDiscoveredMax = 32;

// What a question needs beside the rows. A plain value.
struct WantedColumns {
  bool keys = false;                    // of the items
  std::vector<std::string> properties;  // names as in columns::Columns::properties
  bool discover = false;                // and every member of the input that tells children apart
  // Asked with every input: false ends the reading, and what was read is of no use. Empty: true.
  std::function<bool()> go_on{};
  WantedColumns(bool with_keys = false) : keys(with_keys) {}  // NOLINT: mostly just this
};

// Adds what the conditions of a filter are about.
void add_wanted(const columns::Filter& filter, WantedColumns& wanted);

// What the inputs of a Map Run's children are like, by the first of them. A plain value.
struct InputShape {
  size_t sampled = 0;    // inputs that were looked at
  std::string key_path;  // of the items' key; "" when there is none
  // The names ("input.PATH") of members that have a few values over many children, and of all.
  std::vector<std::string> telling;
  std::vector<std::string> members;
};
base::Result<InputShape> learn_shape(const Query& query, uint64_t run);

// The key of the item of an input, "KEY"; of a batch that of one and how many more there are, "KEY
// +6 more": the first that `wanted` chooses, else the first. "" when it has none.
std::string item_text(std::string_view input, std::string_view key_path,
                      const columns::Filter& wanted = {});

// Fills in `columns`, which hold the run's rows, what of `wanted` they lack. Reads all inputs for
// keys and members of the input, all turns for "function", all kept spans for "span.ATTRIBUTE".
base::Result<void> read_wanted(const Query& query, uint64_t run, const WantedColumns& wanted,
                               const InputShape& shape, columns::Columns& columns);

}  // namespace weft::reading

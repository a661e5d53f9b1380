#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "columns/columns.h"
#include "columns/filter.h"
#include "reading/query.h"

// Columns that are read out of what children were given and did, because somebody asks for them.

namespace weft::reading {

// Inputs that are looked at to learn their shape.
inline constexpr size_t kInputsSampled = 1'000;
// Members of the input that are looked at together.
inline constexpr size_t kDiscoveredMax = 32;

// What a question needs beside the rows. A plain value.
struct WantedColumns {
  bool keys = false;                    // of the items
  std::vector<std::string> properties;  // names as in columns::Columns::properties
  bool discover = false;                // and every member of the input that groups children
  WantedColumns(bool with_keys = false) : keys(with_keys) {}  // NOLINT: mostly just this
};

// Adds what the conditions of a filter are about.
void add_wanted(const columns::Filter& filter, WantedColumns& wanted);

// The path of the items' key in the children's inputs; "" when there is none.
base::Result<std::string> key_path(const Query& query, uint64_t run);

// What stands there in one input; "" when nothing does.
std::string item_key(std::string_view input, std::string_view key_path);

// The names ("input.PATH") of members of the input that have a few values over many children.
base::Result<std::vector<std::string>> discover_properties(const Query& query, uint64_t run);

// Fills in `columns`, which hold the run's rows, what of `wanted` they lack. Reads all inputs for
// keys and members of the input, all turns for "function", all kept spans for "span.ATTRIBUTE".
base::Result<void> read_wanted(const Query& query, uint64_t run, const WantedColumns& wanted,
                               columns::Columns& columns);

}  // namespace weft::reading

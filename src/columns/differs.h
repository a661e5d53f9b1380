#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "columns/columns.h"
#include "columns/filter.h"

namespace weft::columns {

// A property that the children of a selection share more often than others do.
struct Difference {
  std::string attribute;  // "cold start", "key prefix", "retries" ...
  std::string value;
  uint64_t selected = 0;  // children of the selection that have it: the support
  uint64_t others = 0;    // children of the base that have it
  double selected_share = 0;
  double base_share = 0;
  double lift = 0;   // how many times likelier in the selection
  double score = 0;  // how much it tells: its part of the information between both, in bits
};

struct Differences {
  uint64_t selected = 0;
  uint64_t base = 0;
  std::vector<Difference> found;  // by score, best first
};

// What distinguishes the rows of `selection` from those of `base` (rows in both count as
// selected only). Values that chance explains (G-test) or that only one child has are left out, and
// so are the attributes in `except`: what the selection was made by says nothing about it.
Differences differs(const Columns& columns, const Rows& selection, const Rows& base,
                    const std::vector<Field>& except, size_t limit);

}  // namespace weft::columns

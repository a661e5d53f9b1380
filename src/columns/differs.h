#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "columns/attribute_counts.h"
#include "columns/columns.h"
#include "columns/filter.h"

namespace weft::columns {

// A property that the children of a selection share more often than others do.
struct Difference {
  std::string attribute;  // "cold start", "key prefix", "retries", "input.customer.region" ...
  std::string value;
  std::string filter;     // the condition that chooses the children that have it; "" when none does
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

// Of `selected` children `in_selection` have something, of `base` others `in_base`: what that
// tells; nothing when chance explains it or the selection has it no more often.
std::optional<Difference> compare(uint64_t in_selection, uint64_t selected, uint64_t in_base,
                                  uint64_t base);

// What distinguishes the rows of `selection` from those of `base` (rows in both count as
// selected only). Values that chance explains (G-test) or that only one child has are left out, and
// so are the attributes in `except`: what the selection was made by says nothing about it. Of key
// prefixes that hold one another the one that tells most stands for all; so do properties that
// choose the same children. `all`: count_attributes() of the columns, when somebody has it; the
// answer is the same without, and takes a pass over all rows.
Differences differs(const Columns& columns, RowSpan selection, RowSpan base,
                    const std::vector<Field>& except, size_t limit,
                    const std::vector<std::string>& except_properties = {},
                    const AttributeCounts* all = nullptr);

}  // namespace weft::columns

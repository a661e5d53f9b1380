#pragma once

#include <cstdint>
#include <vector>

#include "columns/columns.h"

namespace weft::columns {

inline constexpr size_t kSparkBuckets = 40;

// Failures that are alike (history::error_fingerprint).
struct ErrorGroup {
  uint32_t fingerprint = 0;
  uint64_t count = 0;
  int64_t first = 0;  // ends, from origin
  int64_t last = 0;
  std::vector<uint32_t> spark;      // failures in each of kSparkBuckets equal parts of `range`
  std::vector<uint32_t> exemplars;  // rows, without repeats: the first, the slowest, the last
  friend bool operator==(const ErrorGroup&, const ErrorGroup&) = default;
};

struct ErrorGroups {
  std::vector<ErrorGroup> groups;  // most frequent first, then by fingerprint; at most `limit`
  size_t total = 0;                // groups there are
  uint64_t other = 0;              // failures of the groups beyond `limit`
};

ErrorGroups group_errors(const Columns& columns, RowSpan rows, Range range, size_t limit);

}  // namespace weft::columns

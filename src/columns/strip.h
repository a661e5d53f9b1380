#pragma once

#include <cstdint>
#include <vector>

#include "columns/columns.h"
#include "columns/together.h"

namespace weft::columns {

// One slice of time of a Map Run.
struct StripBucket {
  double running = 0;  // children at work, averaged over the bucket
  uint32_t starts = 0;
  uint32_t ends = 0;
  uint32_t errors = 0;  // of `ends`
  int64_t p50 = 0;      // durations of the children that end in the bucket; 0 for none
  int64_t p95 = 0;
  int64_t max = 0;
  friend bool operator==(const StripBucket&, const StripBucket&) = default;
};

// `buckets` equal parts of `range`. Percentiles are exact.
std::vector<StripBucket> strip(const Columns& columns, RowSpan rows, Range range, size_t buckets,
                               Together* together = nullptr);

}  // namespace weft::columns

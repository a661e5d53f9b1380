#pragma once

#include <cstdint>
#include <vector>

namespace weft::metrics {

// The place, counted from 0, of the value at `quantile` (0..1) among `count` > 0 ordered ones, by
// the nearest-rank rule. All percentiles of Weft follow it, so that views agree.
uint64_t nearest_rank(uint64_t count, double quantile);

// The value at `quantile` (0..1) by the nearest-rank rule: the smallest value that at least that
// share of all values does not exceed. Exact; 0 for no values. `sorted` is ascending.
int64_t percentile_of_sorted(const std::vector<int64_t>& sorted, double quantile);

// What a list of durations comes to.
struct Percentiles {
  int64_t p50 = 0;
  int64_t p95 = 0;
  int64_t p99 = 0;
  int64_t max = 0;
  friend bool operator==(const Percentiles&, const Percentiles&) = default;
};
// Exact, over any order of values.
Percentiles percentiles(std::vector<int64_t> values);

}  // namespace weft::metrics

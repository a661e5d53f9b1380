#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
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

// The values of some ranks, found by counting how many lie in which part of the range that is left
// for each: memory does not grow with their number. `add` takes all values once a pass.
class RankSearch {
 public:
  // Of `count` > 0 values from `least` to `most`.
  RankSearch(uint64_t count, int64_t least, int64_t most);
  bool done() const { return targets_.empty(); }
  void add(int64_t value) {
    for (Target& target : targets_) {
      const uint64_t at = static_cast<uint64_t>(value) - static_cast<uint64_t>(target.least);
      if (at <= target.width) ++target.counts[at >> target.shift];
    }
  }
  void end_pass();
  Percentiles found() const { return found_; }

 private:
  // Ranks whose values lie in [least, least + width], counted from 0 among those there.
  struct Target {
    int64_t least = 0;
    uint64_t width = 0;
    unsigned shift = 0;
    std::vector<std::pair<uint64_t, int64_t Percentiles::*>> ranks;
    std::vector<uint32_t> counts;
  };
  void search(Target target);

  Percentiles found_;
  std::vector<Target> targets_;
};

// The same as percentiles() of the values that `each` calls its argument with, every time the same
// ones: for so many that a copy of them is too much.
template <typename Each>
Percentiles percentiles_of(const Each& each) {
  constexpr size_t kFew = 4'096;
  std::vector<int64_t> few;
  uint64_t count = 0;
  int64_t least = INT64_MAX;
  int64_t most = INT64_MIN;
  each([&](int64_t value) {
    if (count++ < kFew) few.push_back(value);
    least = std::min(least, value);
    most = std::max(most, value);
  });
  if (count <= kFew) return percentiles(std::move(few));
  RankSearch search(count, least, most);
  while (!search.done()) {
    each([&](int64_t value) { search.add(value); });
    search.end_pass();
  }
  return search.found();
}

}  // namespace weft::metrics

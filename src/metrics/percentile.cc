#include "metrics/percentile.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

namespace weft::metrics {

uint64_t nearest_rank(uint64_t count, double quantile) {
  // 0.07 * 100 is a little more than 7.
  const double rank = std::ceil(std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count) - 1e-9);
  return rank < 1 ? 0 : std::min(static_cast<uint64_t>(rank), count) - 1;
}

int64_t percentile_of_sorted(const std::vector<int64_t>& sorted, double quantile) {
  return sorted.empty() ? 0 : sorted[nearest_rank(sorted.size(), quantile)];
}

namespace {

// The ranks of the percentiles among `count` > 0 values, ascending.
using Ranks = std::array<std::pair<uint64_t, int64_t Percentiles::*>, 3>;
Ranks ranks_of(uint64_t count) {
  return {{{nearest_rank(count, 0.50), &Percentiles::p50},
           {nearest_rank(count, 0.95), &Percentiles::p95},
           {nearest_rank(count, 0.99), &Percentiles::p99}}};
}

// Selection from the left keeps each next search in what is still unordered: linear, not n log n.
Percentiles selected(std::vector<int64_t> values) {
  Percentiles found{.max = std::ranges::max(values)};
  auto begin = values.begin();
  for (const auto& [rank, member] : ranks_of(values.size())) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(begin, at, values.end());
    found.*member = *at;
    begin = at;
  }
  return found;
}

// Of many: how many lie in which part of their range is counted first, and selected among those of
// a part.
Percentiles narrowed(const std::vector<int64_t>& values) {
  constexpr int kPartsBits = 11;
  const auto [least, most] = std::ranges::minmax(values);
  const uint64_t width = static_cast<uint64_t>(most) - static_cast<uint64_t>(least);
  const auto shift =
      static_cast<unsigned>(std::max(0, static_cast<int>(std::bit_width(width)) - kPartsBits));
  const auto part_of = [&](int64_t value) {
    return (static_cast<uint64_t>(value) - static_cast<uint64_t>(least)) >> shift;
  };
  std::vector<uint32_t> counts((width >> shift) + 1);
  for (const int64_t value : values) ++counts.data()[part_of(value)];
  Percentiles found{.max = most};
  std::vector<int64_t> inside;
  uint64_t before = 0;
  size_t part = 0;
  uint64_t held = UINT64_MAX;  // the part whose values are in `inside`
  for (const auto& [rank, member] : ranks_of(values.size())) {
    while (before + counts[part] <= rank) before += counts[part++];
    if (part != held) {
      inside.clear();
      std::ranges::copy_if(values, std::back_inserter(inside),
                           [&](int64_t value) { return part_of(value) == part; });
      held = part;
    }
    const auto at = inside.begin() + static_cast<std::ptrdiff_t>(rank - before);
    std::ranges::nth_element(inside, at);
    found.*member = *at;
  }
  return found;
}

}  // namespace

Percentiles percentiles(std::vector<int64_t> values) {
  constexpr size_t kMany = 1'024;
  if (values.empty()) return {};
  return values.size() < kMany ? selected(std::move(values)) : narrowed(values);
}

RankSearch::RankSearch(uint64_t count, int64_t least, int64_t most) {
  found_.max = most;
  const Ranks ranks = ranks_of(count);
  search({.least = least,
          .width = static_cast<uint64_t>(most) - static_cast<uint64_t>(least),
          .ranks = {ranks.begin(), ranks.end()}});
}

void RankSearch::search(Target target) {
  constexpr int kPartsBits = 14;  // so many parts of a range are counted
  if (target.width == 0) {
    for (const auto& [rank, member] : target.ranks) found_.*member = target.least;
    return;
  }
  target.shift = static_cast<unsigned>(
      std::max(0, static_cast<int>(std::bit_width(target.width)) - kPartsBits));
  target.counts.assign((target.width >> target.shift) + 1, 0);
  targets_.push_back(std::move(target));
}

void RankSearch::end_pass() {
  for (const Target& target : std::exchange(targets_, {})) {
    uint64_t before = 0;
    auto next = target.ranks.begin();  // ascending
    for (size_t part = 0; part < target.counts.size() && next != target.ranks.end(); ++part) {
      const uint64_t end = before + target.counts[part];
      Target inside{.least = static_cast<int64_t>(static_cast<uint64_t>(target.least) +
                                                  (uint64_t{part} << target.shift)),
                    .width = (uint64_t{1} << target.shift) - 1};
      for (; next != target.ranks.end() && next->first < end; ++next)
        inside.ranks.emplace_back(next->first - before, next->second);
      if (!inside.ranks.empty()) search(std::move(inside));
      before = end;
    }
  }
}

}  // namespace weft::metrics

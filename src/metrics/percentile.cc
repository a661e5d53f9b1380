#include "metrics/percentile.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace weft::metrics {

uint64_t nearest_rank(uint64_t count, double quantile) {
  // 0.07 * 100 is a little more than 7.
  const double rank = std::ceil(std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count) - 1e-9);
  return rank < 1 ? 0 : std::min(static_cast<uint64_t>(rank), count) - 1;
}

int64_t percentile_of_sorted(const std::vector<int64_t>& sorted, double quantile) {
  return sorted.empty() ? 0 : sorted[nearest_rank(sorted.size(), quantile)];
}

Percentiles percentiles(std::vector<int64_t> values) {
  if (values.empty()) return {};
  // Selection from the left keeps each next search in what is still unordered: linear, not n log n.
  auto select = [&values, from = size_t{0}](double quantile) mutable {
    const size_t rank = nearest_rank(values.size(), quantile);
    auto begin = values.begin();
    std::nth_element(begin + static_cast<std::ptrdiff_t>(from),
                     begin + static_cast<std::ptrdiff_t>(rank), values.end());
    from = rank;
    return values[rank];
  };
  Percentiles result;
  result.p50 = select(0.50);
  result.p95 = select(0.95);
  result.p99 = select(0.99);
  result.max = select(1.0);
  return result;
}

}  // namespace weft::metrics

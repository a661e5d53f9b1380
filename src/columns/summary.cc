#include "columns/summary.h"

#include <algorithm>
#include <iterator>

namespace weft::columns {

TimeSplit split_time(const Columns& columns, const Rows& rows) {
  TimeSplit split{.children = rows.size()};
  for (const uint32_t row : rows) {
    split.queue += columns.queue[row];
    split.cold += columns.cold[row];
    split.run += columns.run[row];
    (columns.retries[row] > 0 ? split.retry_wait : split.other) += columns.other(row);
  }
  return split;
}

Rows slower_than(const Columns& columns, const Rows& rows, int64_t limit_us) {
  Rows slow;
  std::ranges::copy_if(rows, std::back_inserter(slow),
                       [&](uint32_t row) { return columns.duration[row] > limit_us; });
  return slow;
}

Summary summarize(const Columns& columns, const Rows& rows) {
  Summary summary{.count = rows.size(), .range = extent(columns, rows)};
  std::vector<int64_t> durations;
  std::vector<int64_t> queues;
  durations.reserve(rows.size());
  queues.reserve(rows.size());
  for (const uint32_t row : rows) {
    const bool failed = columns.failed(row);
    ++summary.by_status[static_cast<size_t>(columns.status[row])];
    summary.failed += failed ? 1 : 0;
    summary.items += columns.items[row];
    summary.items_failed += failed ? columns.items[row] : 0;
    summary.retries += columns.retries[row];
    summary.cold_starts += columns.cold[row] > 0 ? 1 : 0;
    summary.lanes = std::max(summary.lanes, columns.lane[row] + 1);
    durations.push_back(columns.duration[row]);
    queues.push_back(columns.queue[row]);
  }
  summary.duration = metrics::percentiles(std::move(durations));
  summary.queue = metrics::percentiles(std::move(queues));
  return summary;
}

double end_rate(const Columns& columns, const Rows& rows, int64_t now, int64_t window) {
  window = std::min(window, now);
  if (window <= 0) return 0;
  const auto ended = std::ranges::count_if(rows, [&](uint32_t row) {
    return columns.end(row) > now - window && columns.end(row) <= now;
  });
  return static_cast<double>(ended) * 1e6 / static_cast<double>(window);
}

}  // namespace weft::columns

#include "columns/summary.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "columns/batches.h"

namespace weft::columns {

TimeSplit split_time(const Columns& columns, RowSpan rows) {
  TimeSplit split{.children = rows.size()};
  Values<int64_t> duration;
  Values<uint32_t> queue;
  Values<uint32_t> cold;
  Values<uint32_t> run;
  Values<uint16_t> retries;
  each_batch(rows, [&](const Batch& batch) {
    batch.read(columns.duration, duration);
    batch.read(columns.queue, queue);
    batch.read(columns.cold, cold);
    batch.read(columns.run, run);
    batch.read(columns.retries, retries);
    for (size_t i = 0; i < batch.size(); ++i) {
      split.queue += queue[i];
      split.cold += cold[i];
      split.run += run[i];
      const int64_t other =
          std::max<int64_t>(0, duration[i] - queue[i] - cold[i] - run[i]);  // Columns::other()
      split.retry_wait += retries[i] > 0 ? other : 0;
      split.other += retries[i] > 0 ? 0 : other;
    }
  });
  return split;
}

Rows slower_than(const Columns& columns, RowSpan rows, int64_t limit_us) {
  Rows slow;
  Values<int64_t> duration;
  each_batch(rows, [&](const Batch& batch) {
    batch.read(columns.duration, duration);
    for (size_t i = 0; i < batch.size(); ++i)
      if (duration[i] > limit_us) slow.push_back(batch.row(i));
  });
  return slow;
}

namespace {

void add_counts(const Columns& columns, RowSpan rows, Summary& summary) {
  Failed failed;
  Values<uint32_t> items;
  Values<uint16_t> retries;
  Values<uint32_t> cold;
  Values<uint32_t> lane;
  uint64_t* const by_status = summary.by_status.data();
  each_batch(rows, [&](const Batch& batch) {
    failed.read(columns, batch);
    batch.read(columns.items, items);
    batch.read(columns.retries, retries);
    batch.read(columns.cold, cold);
    batch.read(columns.lane, lane);
    for (size_t i = 0; i < batch.size(); ++i) {
      ++by_status[static_cast<size_t>(failed.status(i))];
      summary.items += items[i];
      summary.items_failed += failed[i] ? items[i] : 0;
      summary.retries += retries[i];
      summary.cold_starts += cold[i] > 0 ? 1 : 0;
      summary.lanes = std::max(summary.lanes, lane[i] + 1);
    }
  });
  for (size_t i = 0; i < summary.by_status.size(); ++i) {
    if (history::is_failure(static_cast<history::ExecutionStatus>(i)))
      summary.failed += summary.by_status[i];
  }
}

}  // namespace

Summary summarize(const Columns& columns, RowSpan rows, Together* together) {
  Summary summary{.count = rows.size(), .range = extent(columns, rows)};
  // Each fills members of its own.
  const std::array<std::function<void()>, 3> jobs = {
      [&] {
        summary.duration = metrics::percentiles_of(
            [&](const auto& take) { each_value(columns.duration, rows, take); });
      },
      [&] {
        summary.queue = metrics::percentiles_of(
            [&](const auto& take) { each_value(columns.queue, rows, take); });
      },
      [&] { add_counts(columns, rows, summary); }};
  if (together != nullptr && rows.size() >= kRowsTogether) {
    together->run(jobs.size(), [&](size_t i) { jobs[i](); });
  } else {
    for (const auto& job : jobs) job();
  }
  return summary;
}

uint32_t at_work_at_once(const Columns& columns, RowSpan rows) {
  constexpr int64_t kMoments = 4'096;
  const Range range = extent(columns, rows);
  const int64_t step = std::max<int64_t>(1, (range.to - range.from) / kMoments);
  // The first moment that is not before a time.
  const auto moment = [&](int64_t time) {
    return static_cast<size_t>(
        std::clamp<int64_t>((time - range.from + step - 1) / step, 0, kMoments));
  };
  std::vector<int32_t> change(kMoments + 1);
  Values<int64_t> start;
  Values<uint32_t> queue;
  Values<uint32_t> cold;
  Values<uint32_t> run;
  each_batch(rows, [&](const Batch& batch) {
    batch.read(columns.start, start);
    batch.read(columns.queue, queue);
    batch.read(columns.cold, cold);
    batch.read(columns.run, run);
    for (size_t i = 0; i < batch.size(); ++i) {
      const int64_t begin = start[i] + queue[i];
      ++change[moment(begin)];
      --change[moment(begin + cold[i] + run[i])];
    }
  });
  std::vector<int64_t> at_work;
  int32_t now = 0;
  for (const int32_t one : change) {
    now += one;
    if (now > 0) at_work.push_back(now);
  }
  if (at_work.empty()) return 0;
  const auto rank = at_work.begin() + static_cast<std::ptrdiff_t>((at_work.size() - 1) * 9 / 10);
  std::ranges::nth_element(at_work, rank);
  return static_cast<uint32_t>(*rank);
}

double end_rate(const Columns& columns, RowSpan rows, int64_t now, int64_t window) {
  window = std::min(window, now);
  if (window <= 0) return 0;
  uint64_t ended = 0;
  Times times;
  each_batch(rows, [&](const Batch& batch) {
    times.read(columns, batch);
    for (size_t i = 0; i < batch.size(); ++i)
      ended += times.end[i] > now - window && times.end[i] <= now ? 1 : 0;
  });
  return static_cast<double>(ended) * 1e6 / static_cast<double>(window);
}

}  // namespace weft::columns

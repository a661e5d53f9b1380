#include "trace/group.h"

#include <algorithm>
#include <map>

namespace weft::trace {
namespace {

using history::ChildRow;
using history::ExecutionStatus;

int64_t start_of(const ChildRow& row) { return row.start_ms * 1'000; }
int64_t end_of(const ChildRow& row) { return start_of(row) + row.duration_us; }

void add(const ChildRow& row, TimeSplit& split) {
  ++split.children;
  split.queue_us += row.queue_us;
  split.cold_us += row.cold_start_us;
  split.run_us += row.run_us;
  int64_t functions = int64_t{row.queue_us} + row.cold_start_us + row.run_us;
  (row.retries > 0 ? split.retry_us : split.other_us) +=
      std::max<int64_t>(0, row.duration_us - functions);
}

void count(std::span<const ChildRow> rows, ChildGroup& group) {
  std::vector<int64_t> durations;
  durations.reserve(rows.size());
  group.start_us = start_of(rows.front());
  group.end_us = end_of(rows.front());
  for (const ChildRow& row : rows) {
    ++group.by_status[static_cast<size_t>(row.status)];
    group.failed += is_failure(row.status) ? 1 : 0;
    group.items += row.items;
    group.retries += row.retries;
    group.cold_starts += row.cold_start_us > 0 ? 1 : 0;
    group.start_us = std::min(group.start_us, start_of(row));
    group.end_us = std::max(group.end_us, end_of(row));
    group.lanes = std::max(group.lanes, row.lane + 1);
    durations.push_back(row.duration_us);
    add(row, group.all);
  }
  group.duration_us = metrics::percentiles(std::move(durations));
  for (const ChildRow& row : rows) {
    if (row.duration_us > group.duration_us.p95) add(row, group.tail);
  }
}

// Whole buckets a child covers are counted by their ends in a difference array, the two at its
// edges by share.
void fill_strip(std::span<const ChildRow> rows, size_t buckets, ChildGroup& group) {
  group.strip.resize(buckets);
  if (buckets == 0) return;
  double width = std::max(
      1.0, static_cast<double>(group.end_us - group.start_us) / static_cast<double>(buckets));
  std::vector<double> change(buckets + 1);
  auto place = [&](int64_t time) {
    double at = static_cast<double>(time - group.start_us) / width;
    return std::clamp(at, 0.0, static_cast<double>(buckets) - 1e-9);
  };
  for (const ChildRow& row : rows) {
    double begin = place(start_of(row));
    double end = std::max(begin, place(end_of(row)));
    auto first = static_cast<size_t>(begin);
    auto last = static_cast<size_t>(end);
    ++group.strip[first].started;
    ++group.strip[last].finished;
    group.strip[last].failed += is_failure(row.status) ? 1 : 0;
    if (first == last) {
      group.strip[first].running += end - begin;
      continue;
    }
    group.strip[first].running += static_cast<double>(first + 1) - begin;
    group.strip[last].running += end - static_cast<double>(last);
    change[first + 1] += 1;
    change[last] -= 1;
  }
  double covering = 0;
  for (size_t i = 0; i < buckets; ++i) {
    covering += change[i];
    group.strip[i].running += covering;
  }
}

void pick_slowest(std::span<const ChildRow> rows, size_t limit, ChildGroup& group) {
  group.slowest.resize(std::min(limit, rows.size()));
  std::partial_sort_copy(rows.begin(), rows.end(), group.slowest.begin(), group.slowest.end(),
                         [](const ChildRow& a, const ChildRow& b) {
                           if (a.duration_us != b.duration_us) return a.duration_us > b.duration_us;
                           return a.index < b.index;
                         });
}

void collect_errors(std::span<const ChildRow> rows, ChildGroup& group) {
  std::map<uint32_t, ErrorGroup> groups;
  for (const ChildRow& row : rows) {
    if (row.error_group == 0) continue;
    ErrorGroup& error = groups[row.error_group];
    if (error.count == 0 || end_of(row) < end_of(error.exemplar)) error.exemplar = row;
    error.fingerprint = row.error_group;
    ++error.count;
  }
  for (auto& [fingerprint, error] : groups) group.errors.push_back(error);
  std::ranges::sort(group.errors, [](const ErrorGroup& a, const ErrorGroup& b) {
    return a.count != b.count ? a.count > b.count : a.fingerprint < b.fingerprint;
  });
}

}  // namespace

ChildGroup group_children(std::span<const ChildRow> rows, const GroupOptions& options) {
  ChildGroup group;
  group.count = rows.size();
  if (!rows.empty()) count(rows, group);
  if (options.start_us != 0) group.start_us = options.start_us;
  if (options.end_us != 0) group.end_us = options.end_us;
  fill_strip(rows, options.buckets, group);
  pick_slowest(rows, options.slowest, group);
  collect_errors(rows, group);
  return group;
}

}  // namespace weft::trace

#include "cli/summary.h"

#include <algorithm>
#include <map>
#include <utility>

namespace weft::cli {
namespace {

using history::ChildRow;

constexpr size_t kShownGroups = 5;
constexpr size_t kShownChildren = 5;
constexpr size_t kStripParts = 60;

struct GroupRow {
  uint64_t count = 0;
  uint64_t example = 0;  // index of its first child
};

// Everything one pass over the rows collects.
struct RowTotals {
  std::vector<int64_t> durations_us;
  std::vector<int64_t> queues_us;
  std::vector<int64_t> ends_ms;
  std::map<uint32_t, GroupRow> groups;
  std::vector<ChildRow> slowest;
};

// The counts of an open Map Run are in no record yet.
void count_row(const ChildRow& row, runtime::MapRunCounts& counts) {
  ++counts.total;
  switch (row.status) {
    case history::ExecutionStatus::kSucceeded:
      ++counts.succeeded;
      break;
    case history::ExecutionStatus::kTimedOut:
      ++counts.timed_out;
      break;
    case history::ExecutionStatus::kAborted:
      ++counts.aborted;
      break;
    default:
      ++counts.failed;
  }
}

void add_row(const ChildRow& row, MapRunSummary& summary, RowTotals& totals) {
  if (summary.run.status == runtime::MapRunStatus::kRunning) count_row(row, summary.run.executions);
  ++summary.children;
  summary.retries += row.retries;
  if (row.cold_start_us > 0) ++summary.cold_starts;
  summary.cold_start_us += row.cold_start_us;
  totals.durations_us.push_back(row.duration_us);
  totals.queues_us.push_back(row.queue_us);
  // Aborted children all end in one moment, which would hide all others.
  if (row.status != history::ExecutionStatus::kAborted) {
    totals.ends_ms.push_back(row.start_ms + row.duration_us / 1000);
  }
  if (row.error_group != 0) {
    GroupRow& group = totals.groups[row.error_group];
    if (group.count++ == 0) group.example = row.index;
  }
  const auto slower = [](const ChildRow& a, const ChildRow& b) {
    return a.duration_us > b.duration_us;
  };
  if (totals.slowest.size() < kShownChildren || slower(row, totals.slowest.back())) {
    totals.slowest.insert(std::ranges::upper_bound(totals.slowest, row, slower), row);
    if (totals.slowest.size() > kShownChildren) totals.slowest.pop_back();
  }
}

std::vector<uint64_t> finished_over_time(const runtime::MapRunRecord& run,
                                         const std::vector<int64_t>& ends_ms) {
  std::vector<uint64_t> parts(kStripParts);
  if (ends_ms.empty()) return parts;
  const int64_t stop = std::max(run.stop_ms, std::ranges::max(ends_ms));
  const int64_t length = std::max<int64_t>(stop - run.start_ms, 1);
  for (int64_t end : ends_ms) {
    const int64_t part = (end - run.start_ms) * static_cast<int64_t>(kStripParts) / length;
    ++parts[static_cast<size_t>(std::clamp<int64_t>(part, 0, kStripParts - 1))];
  }
  return parts;
}

void add_error_groups(const runtime::Query& query, const RowTotals& totals,
                      MapRunSummary& summary) {
  std::vector<GroupRow> groups;
  for (const auto& [fingerprint, group] : totals.groups) groups.push_back(group);
  std::ranges::sort(groups, [](const GroupRow& a, const GroupRow& b) {
    return a.count != b.count ? a.count > b.count : a.example < b.example;
  });
  summary.error_groups_total = groups.size();
  if (groups.size() > kShownGroups) groups.resize(kShownGroups);
  for (const GroupRow& group : groups) {
    ErrorGroup shown{.count = group.count,
                     .example_arn = query.child_arn(summary.run, group.example)};
    if (const auto child = query.execution(shown.example_arn)) {
      shown.error = child->error.value_or("");
      shown.cause = child->cause.value_or("");
    }
    summary.error_groups.push_back(std::move(shown));
  }
}

base::Result<MapRunSummary> summarize_map_run(const runtime::Query& query,
                                              runtime::MapRunRecord run) {
  MapRunSummary summary{.run = std::move(run)};
  RowTotals totals;
  auto scanned = query.rows(summary.run.number, [&](const ChildRow& row) {
    add_row(row, summary, totals);
    return true;
  });
  if (!scanned) return std::unexpected(scanned.error());
  summary.finished = finished_over_time(summary.run, totals.ends_ms);
  summary.duration_us = metrics::percentiles(std::move(totals.durations_us));
  summary.queue_us = metrics::percentiles(std::move(totals.queues_us));
  add_error_groups(query, totals, summary);
  for (const ChildRow& row : totals.slowest) {
    summary.slowest.push_back(
        {query.child_arn(summary.run, row.index), row.status, row.duration_us});
  }
  return summary;
}

void hide_secrets(const trace::Redactor& payloads, RunSummary& summary) {
  runtime::ExecutionView& execution = summary.execution;
  if (!execution.output.is_null())
    execution.output = base::Text(payloads.uncut(execution.output.view()));
  if (execution.error) execution.error = payloads.clean(*execution.error);
  if (execution.cause) execution.cause = payloads.clean(*execution.cause);
  for (MapRunSummary& map : summary.map_runs) {
    for (ErrorGroup& group : map.error_groups) {
      group.error = payloads.clean(group.error);
      group.cause = payloads.clean(group.cause);
    }
  }
}

}  // namespace

base::Result<RunSummary> summarize(const runtime::Query& query, std::string_view execution_arn,
                                   const trace::Redactor& payloads) {
  auto execution = query.execution(execution_arn);
  if (!execution) return std::unexpected(execution.error());
  RunSummary summary{.execution = std::move(*execution)};
  auto events = query.events(summary.execution.key);
  if (!events) return std::unexpected(events.error());
  for (const history::Event& event : *events) {
    if (event.timing && event.timing->init_us > 0) ++summary.cold_starts;
  }
  auto runs = query.map_runs(summary.execution.key);
  if (!runs) return std::unexpected(runs.error());
  for (runtime::MapRunRecord& run : *runs) {
    auto map_run = summarize_map_run(query, std::move(run));
    if (!map_run) return std::unexpected(map_run.error());
    summary.map_runs.push_back(std::move(*map_run));
  }
  hide_secrets(payloads, summary);
  return summary;
}

}  // namespace weft::cli

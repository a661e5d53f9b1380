#include "reading/run_summary.h"

#include <algorithm>
#include <utility>

#include "columns/errors.h"
#include "columns/order.h"
#include "columns/strip.h"
#include "columns/summary.h"
#include "reading/run_columns.h"

namespace weft::reading {
namespace {

using columns::Columns;
using columns::Rows;

constexpr size_t kShownGroups = 5;
constexpr size_t kShownChildren = 5;
constexpr size_t kStripParts = 60;

// The counts of an open Map Run are in no record yet.
history::MapRunCounts counts_of(const columns::Summary& children) {
  const auto of = [&](history::ExecutionStatus status) {
    return children.by_status[static_cast<size_t>(status)];
  };
  return {.succeeded = of(history::ExecutionStatus::kSucceeded),
          .failed = of(history::ExecutionStatus::kFailed),
          .timed_out = of(history::ExecutionStatus::kTimedOut),
          .aborted = of(history::ExecutionStatus::kAborted),
          .total = children.count};
}

// Aborted children all end in one moment, which would hide all others.
std::vector<uint64_t> finished_over_time(const records::MapRunRecord& run,
                                         const Columns& children) {
  Rows ended;
  std::ranges::copy_if(columns::all_rows(children), std::back_inserter(ended), [&](uint32_t row) {
    return children.status[row] != history::ExecutionStatus::kAborted;
  });
  const int64_t stop_us = (run.stop_ms - run.start_ms) * 1'000;
  const columns::Range range{0, std::max(stop_us, columns::extent(children, ended).to)};
  std::vector<uint64_t> parts;
  for (const columns::StripBucket& part : columns::strip(children, ended, range, kStripParts)) {
    parts.push_back(part.ends);
  }
  return parts;
}

void add_error_groups(const Query& query, const Columns& children, columns::RowSpan rows,
                      columns::Range range, MapRunSummary& summary) {
  const auto found = columns::group_errors(children, rows, range, kShownGroups);
  summary.error_groups_total = found.total;
  for (const columns::ErrorGroup& group : found.groups) {
    const uint64_t first = children.index[group.exemplars.front()];
    ErrorExample shown{.count = group.count, .example_arn = query.child_arn(summary.run, first)};
    if (const auto child = query.execution(shown.example_arn)) {
      shown.error = child->error.value_or("");
      shown.cause = child->cause.value_or("");
    }
    summary.error_groups.push_back(std::move(shown));
  }
}

base::Result<MapRunSummary> summarize_map_run(const Query& query, records::MapRunRecord run) {
  RunColumns reader;
  const auto children = reader.get(query, run, false);
  if (!children) return std::unexpected(children.error());
  const columns::RowSpan rows = columns::all_rows(**children);
  const columns::Summary all = columns::summarize(**children, rows);
  MapRunSummary summary{.run = std::move(run),
                        .children = all.count,
                        .duration_us = all.duration,
                        .queue_us = all.queue,
                        .cold_starts = all.cold_starts,
                        .cold_start_us = columns::split_time(**children, rows).cold,
                        .retries = all.retries};
  if (summary.run.status == records::MapRunStatus::kRunning) {
    summary.run.executions = counts_of(all);
  }
  summary.finished = finished_over_time(summary.run, **children);
  add_error_groups(query, **children, rows, all.range, summary);
  for (const uint32_t row : columns::slowest(**children, rows, kShownChildren)) {
    summary.slowest.push_back({query.child_arn(summary.run, (*children)->index[row]),
                               (*children)->status[row], (*children)->duration[row]});
  }
  return summary;
}

void hide_secrets(const trace::Redactor& payloads, RunSummary& summary) {
  ExecutionView& execution = summary.execution;
  if (!execution.output.is_null())
    execution.output = base::Text(payloads.uncut(execution.output.view()));
  if (execution.error) execution.error = payloads.clean(*execution.error);
  if (execution.cause) execution.cause = payloads.clean(*execution.cause);
  for (MapRunSummary& map : summary.map_runs) {
    for (ErrorExample& group : map.error_groups) {
      group.error = payloads.clean(group.error);
      group.cause = payloads.clean(group.cause);
    }
  }
}

}  // namespace

base::Result<RunSummary> summarize(const Query& query, std::string_view execution_arn,
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
  for (records::MapRunRecord& run : *runs) {
    auto map_run = summarize_map_run(query, std::move(run));
    if (!map_run) return std::unexpected(map_run.error());
    summary.map_runs.push_back(std::move(*map_run));
  }
  hide_secrets(payloads, summary);
  return summary;
}

}  // namespace weft::reading

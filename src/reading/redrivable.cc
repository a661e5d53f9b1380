#include "reading/redrivable.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"

namespace weft::reading {

using history::ExecutionStatus;

std::string not_redrivable(const RedriveFacts& facts) {
  if (facts.status == ExecutionStatus::kRunning || facts.status == ExecutionStatus::kSucceeded ||
      facts.status == ExecutionStatus::kPendingRedrive) {
    return fmt::format("Execution is {} and cannot be redriven", history::to_string(facts.status));
  }
  if (facts.events >= kRedrivableEventsMax) return "Execution history event limit exceeded";
  if (facts.now_ms - facts.stop_ms > kRedrivableMs) return "Execution redrivable period exceeded";
  if (facts.now_ms - facts.start_ms > kExecutionAgeMsMax)
    return "Execution has exceeded the max execution time";
  if (facts.redrives >= base::kMapRunRedrivesMax)
    return fmt::format("Execution has been redriven {} times", facts.redrives);
  return "";
}

namespace {

// Whether a part of the execution, or of a Map Run below it, was lost.
bool has_lost_a_part(const Query& query, const ExecutionView& view) {
  const auto record = query.execution_record(view.key);
  if (record && record->lost) return true;
  const auto runs = query.map_runs(view.key);
  if (!runs) return true;
  return std::ranges::any_of(*runs, [&](const records::MapRunRecord& run) {
    return run.lost || query.has_lost_a_part_below(run.number);
  });
}

}  // namespace

RedriveStatus redrive_status(const Query& query, const ExecutionView& view, base::UnixMs now_ms) {
  const bool top_level = view.key.run == 0;
  std::string why = not_redrivable({.status = view.status,
                                    .start_ms = view.start_ms,
                                    .stop_ms = view.stop_ms,
                                    .events = view.express ? 0 : view.events,
                                    .redrives = static_cast<uint32_t>(view.redrive_count),
                                    .now_ms = now_ms});
  if (why.empty() && query.is_imported(view.key).value_or(false))
    why = "Execution was imported: it did not run here";
  if (why.empty() && top_level && view.express) why = "An Express execution cannot be redriven";
  if (why.empty() && top_level && !query.machine(view.machine_arn))
    why = "State machine is in DELETING status";
  if (why.empty() && top_level && has_lost_a_part(query, view))
    why = "A part of the execution was lost with a part of the store";
  if (!why.empty()) return {"NOT_REDRIVABLE", std::move(why)};
  return {top_level ? "REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN", ""};
}

}  // namespace weft::reading

#include "reading/measured_history.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "arn/arn.h"

namespace weft::reading {
namespace {

constexpr size_t kPageRows = 1'000;

bool overlaps(const MeasuredRange& range, base::UnixMs start_ms, base::UnixMs stop_ms) {
  return start_ms < range.to_ms && (stop_ms == 0 || stop_ms >= range.from_ms);
}

base::Error no_machine(const std::string& name) {
  return {base::ErrorCode::kStateMachineDoesNotExist,
          fmt::format("There is no state machine '{}' here, and no execution of one", name)};
}

// The records of the top-level executions in the range, by index. A machine that nothing is known
// of is an error.
base::Result<std::unordered_map<uint64_t, records::ExecutionRecord>> executions_of(
    const Query& query, const MeasuredRange& range) {
  std::unordered_map<uint64_t, records::ExecutionRecord> records;
  std::string token;
  bool known = range.machine.empty() ||
               query.machine(arn::machine_arn(query.identity(), range.machine)).has_value();
  do {
    auto page = query.executions("", std::nullopt, kPageRows, token);
    if (!page) return std::unexpected(page.error());
    for (const ExecutionItem& item : page->rows) {
      known = known || arn::arn_parts(item.machine_arn).machine == range.machine;
      if (!overlaps(range, item.start_ms, item.stop_ms)) continue;
      auto record = query.execution_record(item.key);
      if (!record) return std::unexpected(record.error());
      if (!range.machine.empty() && record->machine_name != range.machine) continue;
      records.emplace(item.key.index, std::move(*record));
    }
    token = page->next_token;
  } while (!token.empty());
  if (!known) return std::unexpected(no_machine(range.machine));
  return records;
}

// Measures the children of a Map Run, and adds those that have Map Runs themselves to `fanned_out`.
base::Result<void> measure_children(const Query& query, const records::MapRunRecord& run,
                                    const std::string& machine_arn,
                                    columns::ExecutionMetrics& metrics,
                                    std::vector<history::ExecutionKey>& fanned_out) {
  const columns::ExecutionMetrics::Kind kind{.machine_name = run.machine_name,
                                             .machine_arn = machine_arn,
                                             .map_label = run.label,
                                             .child = true};
  columns::ExecutionMetrics::Measured measured;
  uint64_t index = UINT64_MAX;
  return query.turns(run.number, [&](history::ExecutionKey key, const history::Turn& turn) {
    if (key.index != index) measured = metrics.begin(kind);
    index = key.index;
    metrics.record(measured, turn.events);
    const bool known = !fanned_out.empty() && fanned_out.back() == key;
    if (!known && std::ranges::find(turn.events, history::EventType::kMapRunStarted,
                                    &history::Event::type) != turn.events.end()) {
      fanned_out.push_back(key);
    }
    return true;
  });
}

// The children of the Map Runs of an execution, their children, and so on.
base::Result<void> measure_map_runs(const Query& query, const MeasuredRange& range,
                                    const records::ExecutionRecord& parent,
                                    columns::ExecutionMetrics& metrics) {
  std::vector<history::ExecutionKey> open = {parent.key};
  while (!open.empty()) {
    auto runs = query.map_runs(open.back());
    if (!runs) return std::unexpected(runs.error());
    open.pop_back();
    for (const records::MapRunRecord& run : *runs) {
      if (!overlaps(range, run.start_ms, run.stop_ms)) continue;
      auto read = measure_children(query, run, parent.machine_arn, metrics, open);
      if (!read) return read;
    }
  }
  return {};
}

}  // namespace

base::Result<columns::ExecutionMetrics> measure_history(const Query& query,
                                                        const MeasuredRange& range) {
  auto records = executions_of(query, range);
  if (!records) return std::unexpected(records.error());
  columns::ExecutionMetrics metrics(range.from_ms, range.to_ms);
  for (const auto& [index, record] : *records) {
    auto events = query.events(record.key);
    if (!events) return std::unexpected(events.error());
    columns::ExecutionMetrics::Measured measured =
        metrics.begin({.machine_name = record.machine_name, .machine_arn = record.machine_arn});
    metrics.record(measured, *events);
    if (auto read = measure_map_runs(query, range, record, metrics); !read)
      return std::unexpected(read.error());
  }
  return metrics;
}

}  // namespace weft::reading

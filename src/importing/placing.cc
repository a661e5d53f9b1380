#include "importing/placing.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "importing/import_rows.h"
#include "json/arena.h"
#include "json/parse.h"
#include "records/records.h"
#include "trace/context.h"
#include "trace/ids.h"

namespace weft::importing {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionKey;
using store::Family;

// The trace an execution joins: what its input carries, else its own.
trace::Context trace_of(const std::string& arn, const std::vector<Event>& events) {
  if (!events.empty() && events.front().type == EventType::kExecutionStarted) {
    json::Arena arena;
    const auto input = json::parse(events.front().text.view(), arena);
    if (input) {
      if (auto context = trace::context_of_input(*input)) return *context;
    }
  }
  return {.trace = trace::trace_of_root(arn)};
}

}  // namespace

void Placing::add(cloudwatch::LogEvent line) {
  arns_.insert(line.execution_arn);
  if (line.event.type == EventType::kMapRunStarted) started_runs_.insert(line.event.name);
  assembly_.add(std::move(line));
}

base::Result<void> Placing::place() {
  if (auto done = collect(); !done) return done;
  if (auto done = find_runs(); !done) return done;
  if (auto done = give_keys(); !done) return done;
  give_traces();
  return {};
}

// ---- 1: what the lines and the store tell

// Puts what is stored of an execution among the lines.
base::Result<void> Placing::load_stored(const std::string& arn) {
  auto key = query_.find_execution(arn);
  if (!key) {  // not stored, or no ARN of an execution: collect() tells
    return key.error().code == base::ErrorCode::kStorage
               ? base::Result<void>(std::unexpected(key.error()))
               : base::Result<void>();
  }
  auto imported = query_.is_imported(*key);
  if (!imported) return std::unexpected(imported.error());
  if (!*imported) {
    own_.insert(arn);
    return {};
  }
  stored_.emplace(arn, *key);
  auto events = query_.events(*key);
  if (!events) return std::unexpected(events.error());
  stored_events_[arn] = external_events(*events);
  told_us_[arn] = row_of_events(key->index, *events, std::nullopt).duration_us;
  uint64_t redrives = 0;
  for (Event& event : *events) {
    if (history::is_internal(event.type)) continue;
    if (event.type == EventType::kExecutionRedriven) ++redrives;
    assembly_.add({.execution_arn = arn, .redrive_count = redrives, .event = std::move(event)});
  }
  return {};
}

base::Result<void> Placing::collect() {
  if (auto done = add_waiting_children(); !done) return done;
  for (const std::string& arn : arns_) {
    if (auto done = load_stored(arn); !done) return done;
  }
  for (cloudwatch::AssembledExecution& assembled : assembly_.finish()) {
    const uint64_t before = stored_events_[assembled.arn];
    touched_.report.duplicates += assembled.duplicates;
    auto parts = arn::parse_states_arn(assembled.arn);
    if (!parts || (parts->kind != "execution" && parts->kind != "express") ||
        !arn::check_name(arn::before_uuid(parts->name))) {
      ++touched_.report.bad_arns;
      continue;
    }
    if (own_.contains(assembled.arn)) {
      ++touched_.report.own;
      continue;
    }
    const auto stored = stored_.find(assembled.arn);
    std::optional<ExecutionKey> key;
    if (stored != stored_.end()) key = stored->second;
    touched_.executions.push_back({.assembled = std::move(assembled),
                                   .parts = std::move(*parts),
                                   .key = key,
                                   .stored_events = before});
  }
  std::ranges::sort(touched_.executions, {}, [](const Known& execution) {
    return std::tuple(execution.start_ms(), !execution.parts.label.empty(),
                      std::string_view(execution.assembled.arn));
  });
  return {};
}

// ---- 3 and 4: keys and traces (2 is placing_runs.cc)

base::Result<void> Placing::give_key(Known& execution) {
  if (execution.run == 0) {
    if (execution.key) return {};
    auto index = target_.new_execution_index();
    if (!index) return std::unexpected(index.error());
    execution.key = ExecutionKey{0, *index};
    return {};
  }
  Run& run = touched_.runs.at(execution.assembled.map_run_arn);
  if (!execution.key) {
    const auto& facts = execution.assembled.child;
    uint64_t index = run.taken.empty() ? 0 : *run.taken.rbegin() + 1;
    if (facts && !run.taken.contains(facts->index)) index = facts->index;
    execution.key = ExecutionKey{execution.run, index};
  }
  run.taken.insert(execution.key->index);
  return {};
}

// Those whose place is known take theirs first.
base::Result<void> Placing::give_keys() {
  for (Known& execution : touched_.executions) {
    if (!execution.assembled.child) continue;
    if (auto given = give_key(execution); !given) return given;
  }
  for (Known& execution : touched_.executions) {
    if (auto given = give_key(execution); !given) return given;
  }
  for (const Known& parent : touched_.executions) {
    for (const Event& event : parent.assembled.events) {
      const auto run = touched_.runs.find(event.name);
      if (event.type != EventType::kMapRunStarted || run == touched_.runs.end()) continue;
      run->second.record.parent = *parent.key;
    }
  }
  return {};
}

// A Map Run and its children are in the trace of the parent; parents come before their children.
void Placing::give_traces() {
  for (Known& execution : touched_.executions) {
    execution.trace = execution.run == 0
                          ? trace_of(execution.assembled.arn, execution.assembled.events)
                          : touched_.runs.at(execution.assembled.map_run_arn).record.trace;
    for (const Event& event : execution.assembled.events) {
      const auto run = touched_.runs.find(event.name);
      if (event.type != EventType::kMapRunStarted || run == touched_.runs.end()) continue;
      run->second.record.trace = execution.trace;
      run->second.record.trace.span = trace::high_hash(run->second.record.arn);
    }
  }
}

}  // namespace weft::importing

#include "nested.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "history/codec.h"
#include "machine.h"
#include "reading/query.h"
#include "records/records.h"
#include "trace/nested.h"
#include "world.h"

namespace weft::sim {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionStatus;
using records::ExecutionRecord;
using store::Family;
using Violations = std::vector<std::string>;

// Messages, commits and what a crash leaves to be done take far less.
constexpr base::UnixMs kStopMsMax = 30'000;

std::vector<ExecutionRecord> awaited_executions(const store::Store& store) {
  std::vector<ExecutionRecord> all;
  (void)store.scan(Family::kExecution, "", "", false,
                   [&](std::string_view, std::string_view value) {
                     auto record = records::decode_execution(value);
                     if (record && record->waiting_task != 0) all.push_back(std::move(*record));
                     return true;
                   });
  return all;
}

// The event in which the task that waits for the execution got its outcome.
std::optional<Event> outcome_of_task(const store::Store& store, const ExecutionRecord& nested) {
  std::optional<Event> outcome;
  const std::string quoted = fmt::format("\"ExecutionArn\":\"{}\"", nested.arn);
  (void)store.scan(Family::kTurn, records::turn_key(nested.waiter, 0),
                   records::turn_key({nested.waiter.run, nested.waiter.index + 1}, 0), false,
                   [&](std::string_view, std::string_view value) {
                     for (Event& event : history::decode_turn(value)->events) {
                       const bool succeeded = event.type == EventType::kTaskSucceeded &&
                                              trace::nested_execution_of(event) == nested.arn;
                       const bool failed = event.type == EventType::kTaskFailed &&
                                           event.cause.value_or("").contains(quoted);
                       if (succeeded || failed) outcome = std::move(event);
                     }
                     return !outcome;
                   });
  return outcome;
}

void check_end(const World& world, const ExecutionRecord& nested, Violations& out) {
  if (nested.status == ExecutionStatus::kRunning) {
    return out.push_back(fmt::format("{} is still running", nested.arn));
  }
  // A slow disk holds the order to stop up; a wall clock that was set is seen in both times.
  const int64_t late_ms = 4 * world.faults().sync_us_max / 1'000 +
                          (world.faults().clock_jumps > 0 ? 2 * kClockJumpMsMax : 0);
  if (nested.stop_ms - nested.start_ms > kNestedTimeoutSeconds * 1'000 + kStopMsMax + late_ms) {
    out.push_back(fmt::format("{} went on after its task had given it up", nested.arn));
  }
  const auto outcome = outcome_of_task(world.store(), nested);
  if (!outcome) return;
  const bool succeeded = outcome->type == EventType::kTaskSucceeded;
  const reading::Query query(world.store(), world.settings().identity);
  const auto view = query.execution(nested.arn);
  if (!view || succeeded != (view->status == ExecutionStatus::kSucceeded) ||
      (succeeded &&
       !outcome->text.view().contains(fmt::format("\"Output\":{}", view->output.view())))) {
    out.push_back(fmt::format("the outcome of the task that started {} is not its own: {}",
                              nested.arn, outcome->text.view()));
  }
}

}  // namespace

Violations check_nested_starts(const store::Store& store) {
  Violations out;
  std::set<std::string> tasks;
  for (const ExecutionRecord& nested : awaited_executions(store)) {
    if (!tasks.insert(nested.started_by).second)
      out.push_back(fmt::format("the task {} started two executions", nested.started_by));
    if (nested.status == ExecutionStatus::kRunning && outcome_of_task(store, nested))
      out.push_back(fmt::format("a task has the outcome of {}, which runs", nested.arn));
  }
  return out;
}

Violations check_nested_ends(const World& world) {
  Violations out;
  for (const ExecutionRecord& nested : awaited_executions(world.store()))
    check_end(world, nested, out);
  return out;
}

}  // namespace weft::sim

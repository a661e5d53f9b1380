#pragma once

#include <string>
#include <utility>

#include "trace/test_histories.h"

// Hand-made executions that were redriven.

namespace weft::trace::testing {

// A Task that fails and, after a redrive, works. AWS writes no second StateEntered.
inline TraceSource redriven() {
  TraceSource source;
  HistoryBuilder history(kStart);
  history.add(EventType::kExecutionStarted, 0);
  history.add(EventType::kPassStateEntered, 0, "Prepare");
  history.add(EventType::kPassStateExited, 1, "Prepare");
  history.add(EventType::kTaskStateEntered, 1, "Call");
  history.schedule(1);
  history.fail(EventType::kTaskFailed, 50, "Broken", "no");
  history.fail(EventType::kExecutionFailed, 50, "Broken", "no");
  history.add(EventType::kExecutionRedriven, 1'000).number = 1;
  history.schedule(1'000);
  history.add(EventType::kTaskSucceeded, 1'100);
  history.add(EventType::kTaskStateExited, 1'100, "Call");
  history.add(EventType::kPassStateEntered, 1'100, "Done");
  history.add(EventType::kPassStateExited, 1'101, "Done");
  history.add(EventType::kExecutionSucceeded, 1'101);
  source.parent = execution_of("redriven", "r-1", ExecutionStatus::kSucceeded, 1'101, history);
  source.now_ms = source.parent.stop_ms;
  return source;
}

// A Map Run whose second child fails and with it the execution; after a redrive, whose Map Run goes
// on with that child alone, both work.
inline TraceSource redriven_map() {
  TraceSource source = fan_out(2, 2);
  MapRunTrace& run = source.map_runs.front();
  HistoryBuilder history(kStart);
  history.add(EventType::kExecutionStarted, 0);
  history.add(EventType::kMapStateEntered, 31, "ProcessImageMap");
  history.add(EventType::kMapStateStarted, 31);
  Event& started = history.add(EventType::kMapRunStarted, 40);
  started.name = run.arn;
  started.number = 1;
  const std::string error = "States.ExceedToleratedFailureThreshold";
  history.fail(EventType::kMapRunFailed, 600, error, "too many");
  history.fail(EventType::kExecutionFailed, 600, error, "too many");
  history.add(EventType::kExecutionRedriven, 5'000).number = 1;
  Event& again = history.add(EventType::kMapRunRedriven, 5'000);
  again.name = run.arn;
  again.number = 1;
  history.add(EventType::kMapRunSucceeded, 5'300);
  history.add(EventType::kMapStateSucceeded, 5'300);
  history.add(EventType::kMapStateExited, 5'300, "ProcessImageMap");
  history.add(EventType::kExecutionSucceeded, 5'300);
  source.parent =
      execution_of("process-images", "demo-1", ExecutionStatus::kSucceeded, 5'300, history);
  source.now_ms = source.parent.stop_ms;
  run.stop_ms = source.now_ms;
  run.rows[1].redrives = 1;
  source.child = [](const MapRunTrace& of, uint64_t index) -> base::Result<ExecutionTrace> {
    ExecutionTrace child = child_of(of, of.rows.at(index));
    if (index == 0) return child;
    ChildRow failed = of.rows[1];
    failed.status = ExecutionStatus::kFailed;
    child.events = child_of(of, failed).events;
    const uint64_t last = child.events.back().id;
    HistoryBuilder second(kStart);
    second.add(EventType::kExecutionRedriven, 5'010).number = 1;
    second.schedule(5'010);
    second.add(EventType::kTaskSucceeded, 5'200);
    second.add(EventType::kTaskStateExited, 5'200, "Lambda Invoke");
    second.add(EventType::kExecutionSucceeded, 5'200);
    for (Event& event : second.take()) {
      event.id += last;
      event.previous_id += last;
      child.events.push_back(std::move(event));
    }
    child.stop_ms = kStart + 5'200;
    return child;
  };
  return source;
}

}  // namespace weft::trace::testing

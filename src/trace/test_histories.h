#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trace/source.h"

// Hand-made executions for the tests of this folder.

namespace weft::trace::testing {

using history::ChildRow;
using history::Event;
using history::EventType;
using history::ExecutionStatus;

inline constexpr base::UnixMs kStart = 1'748'772'000'000;  // 2025-06-01T10:00:00Z

// Appends events with ids 1, 2, 3 ...; each returns the event for more members to be set.
class HistoryBuilder {
 public:
  explicit HistoryBuilder(base::UnixMs start_ms) : start_ms_(start_ms) {}

  Event& add(EventType type, int64_t offset_ms, std::string name = "", history::ScopeId scope = 0) {
    Event& event = events_.emplace_back();
    event.type = type;
    event.id = history::is_internal(type) ? 0 : next_++;
    event.previous_id = event.id == 0 ? 0 : event.id - 1;
    event.time_ms = start_ms_ + offset_ms;
    event.name = std::move(name);
    event.scope = scope;
    return event;
  }
  Event& fail(EventType type, int64_t offset_ms, std::string error, std::string cause) {
    Event& event = add(type, offset_ms);
    event.error = std::move(error);
    event.cause = std::move(cause);
    return event;
  }
  Event& schedule(int64_t offset_ms) {
    Event& event = add(EventType::kTaskScheduled, offset_ms);
    event.resource_type = "lambda";
    event.resource = "invoke";
    event.text = base::Text(
        R"({"FunctionName":"arn:aws:lambda:us-east-1:000000000000:function:watermark:$LATEST"})");
    return event;
  }
  std::vector<Event> take() { return std::move(events_); }

 private:
  base::UnixMs start_ms_;
  uint64_t next_ = 1;
  std::vector<Event> events_;
};

// The execution that `history` tells of, which ended `after_ms` after kStart.
inline ExecutionTrace execution_of(std::string_view machine, std::string_view name,
                                   ExecutionStatus status, int64_t after_ms,
                                   HistoryBuilder& history) {
  ExecutionTrace execution;
  execution.machine = machine;
  execution.name = name;
  execution.arn =
      fmt::format("arn:aws:states:us-east-1:000000000000:execution:{}:{}", machine, name);
  execution.status = status;
  execution.start_ms = kStart;
  execution.stop_ms = kStart + after_ms;
  execution.events = history.take();
  return execution;
}

// A child that calls one function, its timing as in `row`; failed rows fail with
// "ImageDecodeError".
inline ExecutionTrace child_of(const MapRunTrace& run, const ChildRow& row) {
  ExecutionTrace child;
  child.machine = "process-images/" + run.label;
  child.name = fmt::format("{:08x}-7d1c-3aa0-9f51-{:012x}",
                           static_cast<uint32_t>(row.index * 2'654'435'761u), row.index);
  child.arn = "arn:aws:states:us-east-1:000000000000:execution:" + child.machine + ":" + child.name;
  child.status = row.status;
  child.start_ms = row.start_ms;
  int64_t length = row.duration_us / 1'000;
  child.stop_ms = row.start_ms + length;
  HistoryBuilder history(row.start_ms);
  history.add(EventType::kExecutionStarted, 0);
  history.add(EventType::kPassStateEntered, 0, "Choose size");
  history.add(EventType::kPassStateExited, 1, "Choose size");
  history.add(EventType::kTaskStateEntered, 1, "Lambda Invoke");
  history.schedule(1);
  history.add(EventType::kTaskStarted, 1);
  history::InvocationTiming timing{
      .started_ms = row.start_ms + 1 + (row.queue_us + row.cold_start_us) / 1'000,
      .queued_us = row.queue_us,
      .init_us = row.cold_start_us,
      .run_us = row.run_us,
      .sandbox = 1};
  if (row.status == ExecutionStatus::kSucceeded) {
    history.add(EventType::kTaskSucceeded, length - 1).timing = timing;
    history.add(EventType::kTaskStateExited, length, "Lambda Invoke");
    history.add(EventType::kExecutionSucceeded, length);
  } else {
    std::string cause = fmt::format(
        R"({{"errorMessage":"cannot decode 'pictures/{}.png': not a PNG file","errorType":"ImageDecodeError","trace":[]}})",
        row.index);
    history.fail(EventType::kTaskFailed, length - 1, "ImageDecodeError", cause).timing = timing;
    history.fail(EventType::kExecutionFailed, length, "ImageDecodeError", cause);
  }
  child.events = history.take();
  return child;
}

// Rows of `count` children on `lanes` lanes: a slow cold start on each lane, a lognormal run time,
// one in 300 fails.
inline std::vector<ChildRow> rows_of(size_t count, uint32_t lanes, base::UnixMs start_ms) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> run(11.5, 0.35);
  std::vector<int64_t> free_us(lanes, 0);
  std::vector<ChildRow> rows;
  for (uint64_t index = 0; index < count; ++index) {
    auto lane =
        static_cast<uint32_t>(std::min_element(free_us.begin(), free_us.end()) - free_us.begin());
    ChildRow row;
    row.index = index;
    row.lane = lane;
    row.start_ms = start_ms + free_us[lane] / 1'000;
    row.cold_start_us = index < lanes ? 180'000 + static_cast<uint32_t>(random() % 90'000) : 0;
    row.queue_us = static_cast<uint32_t>(random() % 15'000);
    row.run_us = static_cast<uint32_t>(run(random));
    bool failed = index % 300 == 17;
    row.status = failed ? ExecutionStatus::kFailed : ExecutionStatus::kSucceeded;
    if (failed) row.error_group = history::error_fingerprint("ImageDecodeError", "cannot decode");
    row.duration_us = int64_t{row.cold_start_us} + row.queue_us + row.run_us + 4'000;
    free_us[lane] += row.duration_us;
    rows.push_back(row);
  }
  return rows;
}

// Retries, a caught error, a Parallel state, an inline Map with a failing iteration, a Wait: one of
// everything else.
inline TraceSource mixed() {
  TraceSource source;
  HistoryBuilder history(kStart);
  history.add(EventType::kExecutionStarted, 0);
  history.add(EventType::kTaskStateEntered, 0, "Flaky call");
  history.schedule(0);
  history.fail(EventType::kTaskFailed, 400, "Throttled", "slow down");
  history.add(EventType::kWeftRetryScheduled, 400).number = kStart + 1'400;
  history.schedule(1'400);
  history.fail(EventType::kTaskTimedOut, 2'400, "States.Timeout", "");
  history.add(EventType::kTaskStateExited, 2'400, "Flaky call");
  history.add(EventType::kParallelStateEntered, 2'400, "Both");
  uint64_t fork = history.add(EventType::kParallelStateStarted, 2'400).id;
  history.add(EventType::kWaitStateEntered, 2'400, "Pause", 1).previous_id = fork;
  history.add(EventType::kPassStateEntered, 2'400, "Shape", 2).previous_id = fork;
  history.add(EventType::kPassStateExited, 2'401, "Shape", 2);
  history.add(EventType::kWaitStateExited, 3'400, "Pause", 1);
  history.add(EventType::kParallelStateSucceeded, 3'400);
  history.add(EventType::kParallelStateExited, 3'400, "Both");
  history.add(EventType::kMapStateEntered, 3'400, "Each");
  uint64_t started = history.add(EventType::kMapStateStarted, 3'400).id;
  uint64_t iterations[2] = {};
  for (int64_t i = 0; i < 2; ++i) {
    Event& event = history.add(EventType::kMapIterationStarted, 3'400, "Each");
    event.number = i;
    event.previous_id = started;
    iterations[i] = event.id;
  }
  history.add(EventType::kPassStateEntered, 3'400, "Step", 3).previous_id = iterations[0];
  history.add(EventType::kWaitStateEntered, 3'400, "Step", 4).previous_id = iterations[1];
  Event& evaluation =
      history.fail(EventType::kEvaluationFailed, 3'900, "States.QueryEvaluationError",
                   "The JSONata expression '$x' returned nothing (undefined).");
  evaluation.scope = 3;
  evaluation.name = "Step";
  history.add(EventType::kMapIterationFailed, 3'900, "Each").number = 0;
  history.add(EventType::kMapIterationAborted, 3'900, "Each").number = 1;
  history.add(EventType::kMapStateFailed, 3'900);
  history.fail(EventType::kExecutionFailed, 3'900, "States.QueryEvaluationError",
               "The JSONata expression '$x' returned nothing (undefined).");
  source.parent = execution_of("mixed", "m-1", ExecutionStatus::kFailed, 3'900, history);
  source.now_ms = source.parent.stop_ms;
  return source;
}

// An execution with a Pass state and a Distributed Map of `count` children, and a closing Choice.
inline TraceSource fan_out(size_t count, uint32_t lanes = 16) {
  TraceSource source;
  MapRunTrace run;
  run.arn = "arn:aws:states:us-east-1:000000000000:mapRun:process-images/ProcessImageMap:run-1";
  run.number = 1;
  run.label = "ProcessImageMap";
  run.state_name = "ProcessImageMap";
  run.status = ExecutionStatus::kSucceeded;
  run.start_ms = kStart + 40;
  run.rows = rows_of(count, lanes, kStart + 120);
  run.stop_ms = run.start_ms;
  for (const ChildRow& row : run.rows) {
    run.stop_ms = std::max(run.stop_ms, row.start_ms + row.duration_us / 1'000 + 1);
  }
  int64_t end = run.stop_ms - kStart;
  HistoryBuilder history(kStart);
  history.add(EventType::kExecutionStarted, 0);
  history.add(EventType::kPassStateEntered, 2, "Prepare");
  history.add(EventType::kPassStateExited, 30, "Prepare");
  history.add(EventType::kMapStateEntered, 31, "ProcessImageMap");
  history.add(EventType::kMapStateStarted, 31);
  Event& started = history.add(EventType::kMapRunStarted, 40);
  started.name = run.arn;
  started.number = 1;
  history.add(EventType::kMapRunSucceeded, end);
  history.add(EventType::kMapStateSucceeded, end);
  history.add(EventType::kMapStateExited, end + 1, "ProcessImageMap");
  history.add(EventType::kChoiceStateEntered, end + 1, "All done?");
  history.add(EventType::kChoiceStateExited, end + 5, "All done?");
  history.add(EventType::kExecutionSucceeded, end + 12);
  source.parent =
      execution_of("process-images", "demo-1", ExecutionStatus::kSucceeded, end + 12, history);
  source.now_ms = source.parent.stop_ms;
  run.execution_arn = source.parent.arn;
  source.map_runs.push_back(std::move(run));
  source.child = [](const MapRunTrace& of, uint64_t index) -> base::Result<ExecutionTrace> {
    return child_of(of, of.rows.at(index));
  };
  source.child_arn = [](const MapRunTrace& of, uint64_t index) {
    return fmt::format("arn:aws:states:us-east-1:000000000000:execution:process-images/{}:child-{}",
                       of.label, index);
  };
  return source;
}

// Two children, and an execution of another machine that a task starts.
inline TraceSource nesting() {
  TraceSource source = fan_out(2);
  ExecutionTrace inner = mixed().parent;
  HistoryBuilder history(kStart);
  history.add(history::EventType::kExecutionStarted, 0);
  history.add(history::EventType::kTaskStateEntered, 0, "Start it");
  history.schedule(0);
  history::Event& started = history.add(history::EventType::kTaskSucceeded, 1);
  started.resource_type = "states";
  started.resource = "startExecution";
  started.text = base::Text(R"({"ExecutionArn":")" + inner.arn + "\"}");
  history.add(history::EventType::kTaskStateExited, 1, "Start it");
  source.parent.events = history.take();
  source.parent.nested = {std::move(inner)};
  return source;
}

}  // namespace weft::trace::testing

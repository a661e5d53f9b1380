#include "columns/execution_metrics.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace weft::columns {
namespace {

using history::Event;
using history::EventType;
using metrics::Labels;

constexpr size_t kErrorTypesMax = 50;  // of one state; what comes later is "other"

constexpr std::string_view kStateDuration = "aws.states.enhanced.state.duration";

Labels with(Labels labels, std::string_view name, std::string_view value) {
  labels.emplace_back(name, value);
  return labels;
}

double micros(base::UnixMs from, base::UnixMs to) {
  return static_cast<double>(std::max<base::UnixMs>(0, to - from)) * 1'000;
}

std::string_view status_label(EventType terminal) {
  switch (terminal) {
    case EventType::kExecutionSucceeded:
      return "succeeded";
    case EventType::kExecutionTimedOut:
      return "timed_out";
    case EventType::kExecutionAborted:
      return "aborted";
    default:
      return "failed";
  }
}

size_t status_place(EventType terminal) {
  switch (terminal) {
    case EventType::kExecutionSucceeded:
      return 0;
    case EventType::kExecutionTimedOut:
      return 1;
    case EventType::kExecutionAborted:
      return 2;
    default:
      return 3;
  }
}

std::string_view label_of(const Labels& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &std::pair<std::string, std::string>::first);
  return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

// The series of one state, found once; those of failures are looked up as they happen.
struct ExecutionMetrics::StateSeries {
  StateSeries(metrics::Registry& registry, const Labels& kind, const std::string& state)
      : name(state), labels(with(kind, "stepname", state)) {
    entered = &registry.counter("aws.states.enhanced.state.invocation_count", labels);
    const auto timed = [&](const char* metric) { return &registry.distribution(metric, labels); };
    run_duration = timed("aws.states.enhanced.state.run_duration");
    retry_count = timed("aws.states.enhanced.state.retry_count");
    schedule_time = timed("weft.state.schedule_time");
    cold_start = timed("weft.task.cold_start");
    run_time = timed("weft.task.run_time");
    const auto ended = [&](std::string_view metric, const char* status) {
      return &registry.distribution(metric, with(labels, "status", status));
    };
    duration[0] = ended(kStateDuration, "succeeded");
    duration[1] = ended(kStateDuration, "failed");
    task_duration[0] = ended("aws.states.enhanced.task.execution.task_duration", "succeeded");
    task_duration[1] = ended("aws.states.enhanced.task.execution.task_duration", "failed");
  }

  // Adds one to a counter that not every state has: it appears with its first count.
  void count(metrics::Registry& registry, uint64_t*& slot, std::string_view metric) {
    if (slot == nullptr) slot = &registry.counter(metric, labels);
    ++*slot;
  }

  // `error` as a label, bounded.
  std::string error_label(const std::string& error) {
    if (std::ranges::find(errors, error) != errors.end()) return error;
    if (errors.size() >= kErrorTypesMax) return "other";
    errors.push_back(error);
    return error;
  }

  std::string name;
  Labels labels;
  std::vector<std::string> errors;
  uint64_t* entered;
  uint64_t* retries = nullptr;
  uint64_t* cold_starts = nullptr;
  uint64_t* started = nullptr;
  uint64_t* succeeded = nullptr;
  metrics::Sketch* run_duration;
  metrics::Sketch* retry_count;
  metrics::Sketch* schedule_time;
  metrics::Sketch* cold_start;
  metrics::Sketch* run_time;
  metrics::Sketch* duration[2];       // succeeded, failed
  metrics::Sketch* task_duration[2];  // succeeded, failed
};

struct ExecutionMetrics::Group {
  Group(metrics::Registry& registry, const Kind& of)
      : kind(of),
        labels(labels_of(of)),
        started(&registry.counter("aws.states.enhanced.execution.started", labels)) {
    // A counter that is there before the first failure lets rules see it grow.
    for (const char* status : {"succeeded", "failed"})
      registry.counter(std::string("aws.states.enhanced.execution.") + status, labels);
  }

  StateSeries& state(metrics::Registry& registry, uint32_t id, const std::string& name) {
    auto& known = states[id];
    // Another revision of the definition may number its states differently.
    if (!known || known->name != name) {
      auto& named = by_name[name];
      if (!named) named = std::make_shared<StateSeries>(registry, labels, name);
      known = named;
    }
    return *known;
  }

  // The series of those that ended in one way: looked up with the first of them, not with each.
  struct Ended {
    metrics::Sketch* time = nullptr;
    uint64_t* executions = nullptr;
    uint64_t* children = nullptr;  // null: it is no child
  };
  const Ended& ended_by(metrics::Registry& registry, EventType terminal) {
    const std::string_view status = status_label(terminal);
    Ended& found = ended[status_place(terminal)];
    if (found.time != nullptr) return found;
    found.time = &registry.distribution("aws.states.enhanced.execution.execution_time",
                                        with(labels, "status", status));
    found.executions =
        &registry.counter("aws.states.enhanced.execution." + std::string(status), labels);
    if (kind.child)
      found.children = &registry.counter("weft.map.children." + std::string(status), labels);
    return found;
  }

  Kind kind;
  Labels labels;
  std::array<Ended, 4> ended;  // by status_place()
  uint64_t* started;
  std::unordered_map<uint32_t, std::shared_ptr<StateSeries>> states;
  std::map<std::string, std::shared_ptr<StateSeries>> by_name;
};

ExecutionMetrics::ExecutionMetrics() = default;
ExecutionMetrics::ExecutionMetrics(base::UnixMs from_ms, base::UnixMs to_ms)
    : from_ms_(from_ms), to_ms_(to_ms) {}
ExecutionMetrics::~ExecutionMetrics() = default;
ExecutionMetrics::ExecutionMetrics(ExecutionMetrics&&) noexcept = default;

Labels labels_of(const ExecutionMetrics::Kind& kind) {
  Labels labels = {{"is_distributed_map_child", kind.child ? "true" : "false"},
                   {"statemachinearn", kind.machine_arn},
                   {"statemachinename", kind.machine_name}};
  if (kind.child) labels.emplace_back("map_label", kind.map_label);
  return labels;
}

ExecutionMetrics::Measured ExecutionMetrics::begin(const Kind& kind, base::UnixMs start_ms) {
  auto& group = groups_[kind];
  if (!group) group = std::make_unique<Group>(registry_, kind);
  return {.group = group.get(), .start_ms = start_ms};
}

void ExecutionMetrics::record(Measured& execution, std::span<const Event> events) {
  for (const Event& event : events) record(execution, event);
}

void ExecutionMetrics::record(Measured& execution, const Event& event) {
  if (history::is_state_entered(event.type)) return enter(execution, event);
  if (history::is_state_exited(event.type)) return leave(execution, event, false);
  if (history::is_terminal(event.type)) return record_end(execution, event);
  const auto open = std::ranges::find(execution.open, event.scope, &Measured::Open::scope);
  const bool inside = open != execution.open.end();
  switch (event.type) {
    case EventType::kExecutionStarted:
      execution.start_ms = event.time_ms;
      if (counted(event)) ++*execution.group->started;
      return;
    case EventType::kTaskScheduled:
    case EventType::kLambdaFunctionScheduled:
    case EventType::kActivityScheduled:
      if (inside) open->scheduled_ms = event.time_ms;
      return;
    case EventType::kTaskStarted:
    case EventType::kLambdaFunctionStarted:
    case EventType::kActivityStarted:
      if (inside && counted(event)) {
        open->series->count(registry_, open->series->started,
                            "aws.states.enhanced.task.execution.tasks_started");
      }
      return;
    case EventType::kWeftRetryScheduled:
      if (!inside) return;
      ++open->retries;
      if (counted(event)) {
        open->series->count(registry_, open->series->retries, "weft.state.retries");
        open->series->run_duration->add(micros(open->attempt_ms, event.time_ms));
      }
      open->attempt_ms = event.number;  // when the wait is over
      return;
    case EventType::kMapIterationFailed:
    case EventType::kMapIterationAborted:
      return leave(execution, event, true);
    default:
      return record_outcome(execution, event);
  }
}

void ExecutionMetrics::enter(Measured& execution, const Event& event) {
  StateSeries& series = execution.group->state(registry_, event.state, event.name);
  if (counted(event)) ++*series.entered;
  std::erase_if(execution.open, [&](const auto& one) { return one.scope == event.scope; });
  execution.open.push_back({.scope = event.scope,
                            .series = &series,
                            .entered_ms = event.time_ms,
                            .attempt_ms = event.time_ms});
}

void ExecutionMetrics::leave(Measured& execution, const Event& event, bool failed) {
  const auto open = std::ranges::find(execution.open, event.scope, &Measured::Open::scope);
  if (open == execution.open.end()) return;
  if (counted(event)) {
    StateSeries& series = *open->series;
    series.duration[failed ? 1 : 0]->add(micros(open->entered_ms, event.time_ms));
    series.run_duration->add(micros(open->attempt_ms, event.time_ms));
    series.retry_count->add(open->retries);
  }
  execution.open.erase(open);
}

void ExecutionMetrics::record_outcome(Measured& execution, const Event& event) {
  const bool succeeded = event.type == EventType::kTaskSucceeded ||
                         event.type == EventType::kLambdaFunctionSucceeded ||
                         event.type == EventType::kActivitySucceeded;
  const bool timed_out = event.type == EventType::kTaskTimedOut ||
                         event.type == EventType::kLambdaFunctionTimedOut ||
                         event.type == EventType::kActivityTimedOut;
  const bool failed = event.type == EventType::kTaskFailed ||
                      event.type == EventType::kLambdaFunctionFailed ||
                      event.type == EventType::kActivityFailed;
  const auto open = std::ranges::find(execution.open, event.scope, &Measured::Open::scope);
  if (open == execution.open.end() || !counted(event)) return;
  if (!succeeded && !timed_out && !failed) return;
  StateSeries& series = *open->series;
  if (open->scheduled_ms != 0) {
    series.task_duration[succeeded ? 0 : 1]->add(micros(open->scheduled_ms, event.time_ms));
  }
  if (event.timing) {
    series.schedule_time->add(static_cast<double>(event.timing->queued_us));
    series.run_time->add(static_cast<double>(event.timing->run_us));
    if (event.timing->init_us > 0) {
      series.count(registry_, series.cold_starts, "weft.task.cold_starts");
      series.cold_start->add(static_cast<double>(event.timing->init_us));
    }
  }
  if (succeeded) {
    series.count(registry_, series.succeeded, "aws.states.enhanced.task.execution.tasks_succeeded");
    return;
  }
  const char* metric = timed_out ? "aws.states.enhanced.task.execution.tasks_timed_out"
                                 : "aws.states.enhanced.task.execution.tasks_failed";
  ++registry_.counter(metric, with(series.labels, "error.type",
                                   series.error_label(event.error.value_or("States.Timeout"))));
}

void ExecutionMetrics::record_end(Measured& execution, const Event& event) {
  Group& group = *execution.group;
  if (counted(event)) {
    for (const Measured::Open& open : execution.open) {
      open.series->duration[1]->add(micros(open.entered_ms, event.time_ms));
      open.series->run_duration->add(micros(open.attempt_ms, event.time_ms));
      open.series->retry_count->add(open.retries);
    }
    const Group::Ended& ended = group.ended_by(registry_, event.type);
    ended.time->add(micros(execution.start_ms, event.time_ms));
    ++*ended.executions;
    if (ended.children != nullptr) ++*ended.children;
  }
  execution.open.clear();
}

const std::vector<metrics::Description>& metric_descriptions() {
  static const std::vector<metrics::Description> kAll = {
      {"aws.states.enhanced.execution.started", "Executions started.", false},
      {"aws.states.enhanced.execution.succeeded", "Executions that succeeded.", false},
      {"aws.states.enhanced.execution.failed", "Executions that failed.", false},
      {"aws.states.enhanced.execution.timed_out", "Executions that timed out.", false},
      {"aws.states.enhanced.execution.aborted", "Executions that were stopped.", false},
      {"aws.states.enhanced.execution.execution_time", "Time from start to end.", true},
      {"aws.states.enhanced.task.execution.tasks_started", "Tasks started.", false},
      {"aws.states.enhanced.task.execution.tasks_succeeded", "Tasks that succeeded.", false},
      {"aws.states.enhanced.task.execution.tasks_failed", "Tasks that failed.", false},
      {"aws.states.enhanced.task.execution.tasks_timed_out", "Tasks that timed out.", false},
      {"aws.states.enhanced.task.execution.task_duration", "Time from schedule to outcome.", true},
      {"aws.states.enhanced.state.run_duration", "Time of one attempt of a state.", true},
      {kStateDuration, "Time in a state with its retries.", true},
      {"aws.states.enhanced.state.invocation_count", "Times a state was entered.", false},
      {"aws.states.enhanced.state.retry_count", "Retries of one visit of a state.", false},
      {"weft.state.retries", "Retries of states.", false},
      {"weft.state.schedule_time", "Time a call waited for a function process.", true},
      {"weft.task.cold_start", "Time a function process took to start.", true},
      {"weft.task.cold_starts", "Calls that waited for a function process to start.", false},
      {"weft.task.run_time", "Time inside a function.", true},
      {"weft.map.children.succeeded", "Children of Map Runs that succeeded.", false},
      {"weft.map.children.failed", "Children of Map Runs that failed.", false},
      {"weft.map.children.timed_out", "Children of Map Runs that timed out.", false},
      {"weft.map.children.aborted", "Children of Map Runs that were stopped.", false},
      {"weft.map.children.pending", "Children of open Map Runs that have not started.", false},
      {"weft.map.children.running", "Children of open Map Runs that run.", false},
      {"weft.map.oldest_child", "How long the oldest running child has been running.", true},
      {"weft.executions.open", "Executions that run, children included.", false},
      {"weft.telemetry.spans", "Spans that functions sent, by what became of them.", false},
      {"weft.telemetry.log_lines", "Log lines of functions, by what became of them.", false},
      {"weft.telemetry.orphans",
       "Stored spans and log lines of which only the trace is known, by why.", false},
      {"weft.telemetry.points", "Points of metrics that functions sent.", false},
      {"weft.telemetry.late_spans",
       "Stored spans discarded: their child had ended and kept no detail.", false},
      {"weft.telemetry.late_log_lines",
       "Stored log lines discarded: their child had ended and kept no detail.", false},
  };
  return kAll;
}

std::vector<StateRow> state_rows(const metrics::Registry& registry) {
  const auto family = registry.distributions().find(kStateDuration);
  if (family == registry.distributions().end()) return {};
  std::map<std::tuple<std::string, std::string, std::string, bool>, StateRow> rows;
  std::map<const StateRow*, metrics::Sketch> sketches;
  for (const auto& [labels, sketch] : family->second) {
    if (sketch.count() == 0) continue;
    const std::string machine(label_of(labels, "statemachinename"));
    const std::string map_label(label_of(labels, "map_label"));
    const std::string state(label_of(labels, "stepname"));
    const bool child = label_of(labels, "is_distributed_map_child") == "true";
    StateRow& row = rows[{machine, map_label, state, child}];
    row.machine = machine;
    row.map_label = map_label;
    row.state = state;
    row.child = child;
    row.count += sketch.count();
    if (label_of(labels, "status") == "failed") row.failed += sketch.count();
    sketches[&row].merge(sketch);
  }
  std::vector<StateRow> result;
  for (auto& [key, row] : rows) {
    const metrics::Sketch& all = sketches[&row];
    row.p50_us = static_cast<int64_t>(all.quantile(0.5));
    row.p95_us = static_cast<int64_t>(all.quantile(0.95));
    row.p99_us = static_cast<int64_t>(all.quantile(0.99));
    row.max_us = static_cast<int64_t>(all.max());
    result.push_back(std::move(row));
  }
  return result;
}

}  // namespace weft::columns

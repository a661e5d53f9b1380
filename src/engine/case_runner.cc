#include "engine/case_runner.h"

#include <algorithm>

#include <fmt/format.h>

#include "history/codec.h"

namespace weft::engine {
namespace {

using history::Event;
using history::EventType;

// What a line says beside id, previousEventId and type.
std::string detail(const Event& event, base::UnixMs now_ms) {
  std::string out;
  switch (event.type) {
    case EventType::kWeftRetryScheduled:
      return fmt::format(" retrier={} in={}", event.count, event.number - now_ms);
    case EventType::kWeftWaitScheduled:
      return fmt::format(" in={}", event.number - now_ms);
    case EventType::kMapStateStarted:
      return fmt::format(" length={}", event.number);
    case EventType::kExecutionRedriven:
    case EventType::kMapRunRedriven:
      return fmt::format(" redrive={}", event.number);
    case EventType::kMapIterationStarted:
    case EventType::kMapIterationSucceeded:
    case EventType::kMapIterationFailed:
    case EventType::kMapIterationAborted:
      return fmt::format(" {}[{}]", event.name, event.number);
    case EventType::kEvaluationFailed:
      out += fmt::format(" at={}", event.resource_type);
      break;
    case EventType::kActivityStarted:
      if (!event.name.empty()) out += " worker=" + event.name;
      break;
    default:
      break;
  }
  const bool named = history::is_state_entered(event.type) || history::is_state_exited(event.type);
  if (named) out += " " + event.name;
  if (history::is_state_exited(event.type)) out += " " + event.text.str();
  for (const auto& [name, value] : event.variables)
    out += fmt::format(" ${}={}", name, value.view());
  if (event.timeout_seconds) out += fmt::format(" timeout={}", *event.timeout_seconds);
  if (event.heartbeat_seconds) out += fmt::format(" heartbeat={}", *event.heartbeat_seconds);
  if (event.error) out += " error=" + *event.error;
  return out;
}

bool same(const Scope& a, const Scope& b) {
  return a.id == b.id && a.parent == b.parent && a.waiting == b.waiting && a.state == b.state &&
         a.input == b.input && a.entered_id == b.entered_id && a.last_id == b.last_id &&
         a.task == b.task && a.due_ms == b.due_ms && a.task_parameters == b.task_parameters &&
         a.task_submitted == b.task_submitted && a.task_deadline_ms == b.task_deadline_ms &&
         a.task_began_ms == b.task_began_ms &&
         a.task_heartbeat_seconds == b.task_heartbeat_seconds && a.retry_count == b.retry_count &&
         a.retrier_counts == b.retrier_counts && a.variables == b.variables &&
         a.map_run == b.map_run && a.map_run_redrives == b.map_run_redrives &&
         a.fork.has_value() == b.fork.has_value();
}

bool same(const ExecutionState& a, const ExecutionState& b) {
  return a.status == b.status && a.input == b.input && a.output == b.output && a.error == b.error &&
         a.cause == b.cause && a.start_ms == b.start_ms && a.stop_ms == b.stop_ms &&
         a.last_event_id == b.last_event_id && a.tasks == b.tasks && a.retries == b.retries &&
         a.next_scope == b.next_scope && a.redrives == b.redrives && a.redrive_ms == b.redrive_ms &&
         std::ranges::equal(a.scopes, b.scopes,
                            [](const Scope& x, const Scope& y) { return same(x, y); }) &&
         std::ranges::equal(a.set_aside, b.set_aside,
                            [](const Scope& x, const Scope& y) { return same(x, y); });
}

}  // namespace

CaseRunner::CaseRunner(std::shared_ptr<const asl::Program> program, RunnerOptions options)
    : options_(options), program_(std::move(program)) {
  identity_ = {.execution_arn = "arn:aws:states:us-east-1:000000000000:execution:case:one",
               .execution_name = "one",
               .machine_arn = "arn:aws:states:us-east-1:000000000000:stateMachine:case",
               .machine_name = "case",
               .region = "us-east-1",
               .redrivable = !options.express};
  state_.program = program_;
}

std::pair<uint64_t, std::string> CaseRunner::next_map_run(const Identity&,
                                                          const std::string& label) {
  const uint64_t number = next_map_run_++;
  return {number, map_run_arn(label, number)};
}

std::string CaseRunner::map_run_arn(const std::string& label, uint64_t number) const {
  return fmt::format("arn:aws:states:us-east-1:000000000000:mapRun:case/{}:{}", label, number);
}

std::string CaseRunner::line(const Event& event) const {
  if (history::is_internal(event.type))
    return fmt::format("- {}{}", history::to_string(event.type), detail(event, now_ms_));
  return fmt::format("{}<{} {}{}", event.id, event.previous_id, history::to_string(event.type),
                     detail(event, now_ms_));
}

void CaseRunner::turn(const Input& input) {
  arena_.reset();
  const Surroundings surroundings{
      .identity = identity_,
      .now_ms = now_ms_,
      .random_seed = options_.random_seed + turns_,
      .state_data_bytes_max = options_.state_data_bytes_max,
      .arena = arena_,
      .map_run_ids = *this,
      .task_tokens = *this,
      .history_events_max = options_.express ? 0 : base::kHistoryEventsMax};
  ++turns_;
  Decision decision = decide(state_, input, surroundings);
  for (const Event& event : decision.events) {
    lines_.push_back(line(event));
    events_.push_back(event);
  }
  if (options_.rebuild_each_turn) {
    std::string bytes;
    history::encode_turn({decision.events}, bytes);
    stored_.push_back(std::move(bytes));
  }
  yielded_ = false;
  for (const Action& action : decision.actions) perform(action);
  if (options_.rebuild_each_turn) rebuild();
  if (state_.closed() && !(tasks_.empty() && map_runs_.empty()))
    violations_.push_back("the execution is closed, but work it started goes on");
  if (yielded_) turn(Continue{});
}

void CaseRunner::rebuild() {
  ExecutionState rebuilt;
  rebuilt.program = program_;
  for (const std::string& bytes : stored_) {
    const auto decoded = history::decode_turn(bytes);
    for (const Event& event : decoded->events) apply(rebuilt, event);
  }
  if (!same(rebuilt, state_)) violations_.push_back("the rebuilt state differs");
  state_ = std::move(rebuilt);
  check_outstanding();
}

void CaseRunner::perform(const Action& action) {
  if (const auto* invoke = std::get_if<InvokeTask>(&action)) {
    tasks_[invoke->task] = *invoke;
    if (invoke->deadline_ms)
      timers_.emplace(*invoke->deadline_ms, Timer{invoke->scope, invoke->task});
    expect_heartbeat(invoke->scope, invoke->task, invoke->heartbeat_seconds);
  } else if (const auto* out = std::get_if<HandOut>(&action)) {
    if (!tasks_.contains(out->task)) violations_.push_back("an unknown task is handed out");
    expect_heartbeat(out->scope, out->task, out->heartbeat_seconds);
  } else if (const auto* cancel = std::get_if<CancelTask>(&action)) {
    const auto found = tasks_.find(cancel->task);
    // One that is answered before a worker had it is taken back.
    if (std::ranges::find(closed_tasks_, cancel->task, &InvokeTask::task) != closed_tasks_.end())
      return;
    if (found == tasks_.end()) return violations_.push_back("an unknown task is cancelled");
    closed_tasks_.push_back(found->second);
    tasks_.erase(found);
  } else if (const auto* wake = std::get_if<WakeAt>(&action)) {
    timers_.emplace(wake->due_ms, Timer{wake->scope, 0});
  } else if (const auto* start = std::get_if<StartMapRun>(&action)) {
    map_runs_[start->map_run] = *start;
  } else if (const auto* redrive = std::get_if<RedriveMapRun>(&action)) {
    map_run_redrives_[redrive->map_run] = redrive->redrives;
    map_runs_[redrive->map_run] = {.scope = redrive->scope, .map_run = redrive->map_run};
  } else if (const auto* stop = std::get_if<StopMapRun>(&action)) {
    if (map_runs_.erase(stop->map_run) == 0) violations_.push_back("an unknown Map Run is stopped");
  } else if (std::holds_alternative<Yield>(action)) {
    yielded_ = true;
  }
}

void CaseRunner::expect_heartbeat(ScopeId scope, uint32_t task, int64_t seconds) {
  if (seconds == 0) return;
  heartbeats_[task] = seconds;
  std::erase_if(timers_, [&](const auto& timer) {
    return timer.second.heartbeat && timer.second.task == task;
  });
  timers_.emplace(now_ms_ + seconds * 1'000, Timer{scope, task, true});
}

// After a crash everything outstanding is set in motion again: it must be what was going on.
void CaseRunner::check_outstanding() {
  size_t tasks = 0;
  for (const Action& action : outstanding(state_)) {
    if (const auto* invoke = std::get_if<InvokeTask>(&action)) {
      ++tasks;
      const auto found = tasks_.find(invoke->task);
      if (found == tasks_.end() || found->second.scope != invoke->scope ||
          found->second.state != invoke->state ||
          found->second.deadline_ms != invoke->deadline_ms ||
          !(found->second.parameters == invoke->parameters)) {
        violations_.push_back("a rebuilt execution sends out another task");
      }
    } else if (const auto* answer = std::get_if<AwaitAnswer>(&action)) {
      ++tasks;
      const auto found = tasks_.find(answer->task);
      if (found == tasks_.end() || found->second.deadline_ms != answer->deadline_ms ||
          (heartbeats_.contains(answer->task) ? heartbeats_.at(answer->task) : 0) !=
              answer->heartbeat_seconds) {
        violations_.push_back("a rebuilt execution awaits another answer");
      }
    } else if (const auto* wake = std::get_if<WakeAt>(&action)) {
      const auto [first, last] = timers_.equal_range(wake->due_ms);
      if (wake->due_ms > now_ms_ && std::none_of(first, last, [&](const auto& timer) {
            return timer.second.scope == wake->scope && timer.second.task == 0;
          })) {
        violations_.push_back("a rebuilt execution sets another timer");
      }
    }
  }
  if (tasks < tasks_.size()) violations_.push_back("a rebuilt execution forgets a task");
}

std::map<uint32_t, InvokeTask>::iterator CaseRunner::find_task(const std::string& state) {
  return std::ranges::find_if(
      tasks_, [&](const auto& entry) { return program_->state(entry.second.state).name == state; });
}

void CaseRunner::begin(const std::string& input) {
  turn(Begin{base::Text(input), "arn:aws:iam::000000000000:role/case"});
}

bool CaseRunner::succeed(const std::string& state, const std::string& output) {
  const auto found = find_task(state);
  if (found == tasks_.end()) return false;
  const InvokeTask task = found->second;
  tasks_.erase(found);
  closed_tasks_.push_back(task);
  last_answer_ = TaskSucceeded{task.scope, task.task, base::Text(output), std::nullopt};
  turn(last_answer_);
  return true;
}

bool CaseRunner::submit(const std::string& state, const std::string& output) {
  const auto found = find_task(state);
  if (found == tasks_.end()) return false;
  last_answer_ = TaskSubmitted{found->second.scope, found->second.task, base::Text(output)};
  turn(last_answer_);
  return true;
}

bool CaseRunner::start_activity(const std::string& state, const std::string& worker) {
  const auto found = find_task(state);
  if (found == tasks_.end()) return false;
  last_answer_ = ActivityStarted{found->second.scope, found->second.task, worker};
  turn(last_answer_);
  return true;
}

bool CaseRunner::beat(const std::string& state) {
  const auto found = find_task(state);
  if (found == tasks_.end() || !heartbeats_.contains(found->first)) return false;
  expect_heartbeat(found->second.scope, found->first, heartbeats_.at(found->first));
  return true;
}

bool CaseRunner::fail(const std::string& state, TaskFailed failure) {
  const auto found = find_task(state);
  if (found == tasks_.end()) return false;
  const InvokeTask task = found->second;
  tasks_.erase(found);
  closed_tasks_.push_back(task);
  failure.scope = task.scope;
  failure.task = task.task;
  last_answer_ = std::move(failure);
  turn(last_answer_);
  return true;
}

bool CaseRunner::answer_late(const std::string& state, const std::string& output) {
  for (auto task = closed_tasks_.rbegin(); task != closed_tasks_.rend(); ++task) {
    if (program_->state(task->state).name != state) continue;
    turn(TaskSucceeded{task->scope, task->task, base::Text(output), std::nullopt});
    return true;
  }
  return false;
}

void CaseRunner::advance(int64_t ms) {
  const base::UnixMs end = now_ms_ + ms;
  while (!timers_.empty() && timers_.begin()->first <= end) {
    const auto [due_ms, timer] = *timers_.begin();
    timers_.erase(timers_.begin());
    now_ms_ = std::max(now_ms_, due_ms);
    if (timer.task != 0) {
      turn(TaskDeadline{timer.scope, timer.task, timer.heartbeat});
    } else {
      turn(WaitOver{timer.scope, due_ms});
    }
  }
  now_ms_ = end;
}

bool CaseRunner::end_map_run(MapRunClosed answer) {
  if (map_runs_.empty()) return false;
  answer.map_run = map_runs_.begin()->first;
  answer.redrives = map_run_redrives_[answer.map_run];
  map_runs_.erase(map_runs_.begin());
  turn(answer);
  return true;
}

std::vector<std::string> CaseRunner::open_tasks() const {
  std::vector<std::string> names;
  for (const auto& [number, task] : tasks_) names.push_back(program_->state(task.state).name);
  return names;
}

std::string CaseRunner::parameters_of(const std::string& state) const {
  const auto found = const_cast<CaseRunner*>(this)->find_task(state);
  return found == tasks_.end() ? "" : found->second.parameters.str();
}

std::string CaseRunner::configuration_of_map_run() const {
  return map_runs_.empty() ? "" : map_runs_.begin()->second.configuration.str();
}

}  // namespace weft::engine

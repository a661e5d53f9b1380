#include "engine/decide.h"

#include <array>

#include <fmt/format.h>

#include "asl/resource.h"
#include "base/check.h"
#include "base/limits.h"
#include "engine/turn.h"

namespace weft::engine {

using history::Event;
using history::EventType;

EventType state_event(asl::StateType type, StateEvent what) {
  using enum EventType;
  // By asl::StateType: Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map. States that never
  // wait are never aborted.
  static constexpr std::array<std::array<EventType, 3>, 8> kTypes = {{
      {kPassStateEntered, kPassStateExited, kPassStateExited},
      {kTaskStateEntered, kTaskStateExited, kTaskStateAborted},
      {kChoiceStateEntered, kChoiceStateExited, kChoiceStateExited},
      {kWaitStateEntered, kWaitStateExited, kWaitStateAborted},
      {kSucceedStateEntered, kSucceedStateExited, kSucceedStateExited},
      {kFailStateEntered, kFailStateEntered, kFailStateEntered},
      {kParallelStateEntered, kParallelStateExited, kParallelStateAborted},
      {kMapStateEntered, kMapStateExited, kMapStateAborted},
  }};
  return kTypes[static_cast<size_t>(type)][static_cast<size_t>(what)];
}

Turn::Turn(ExecutionState& state, const Surroundings& surroundings)
    : state_(state), surroundings_(surroundings) {
  environment_.now_ms = surroundings.now_ms;
  environment_.random_seed = surroundings.random_seed;
  environment_.clock = surroundings.clock;
}

Scope& Turn::scope(ScopeId id) {
  Scope* found = state_.find(id);
  WEFT_CHECK(found != nullptr);
  return *found;
}

Event Turn::event(EventType type, const Scope& current, uint64_t previous_id) const {
  Event e;
  e.type = type;
  e.previous_id = previous_id;
  e.time_ms = surroundings_.now_ms;
  e.scope = current.id;
  e.state = current.state;
  return e;
}

uint64_t Turn::commit(Event e) {
  e.id = history::is_internal(e.type) ? 0 : state_.last_event_id + 1;
  apply(state_, e);
  decision_.events.push_back(std::move(e));
  return decision_.events.back().id;
}

uint64_t Turn::commit_simple(EventType type, const Scope& current, uint64_t previous_id) {
  return commit(event(type, current, previous_id));
}

void Turn::on(const Begin& input) {
  Event e;
  e.type = EventType::kExecutionStarted;
  e.time_ms = surroundings_.now_ms;
  e.text = input.input;
  e.resource = input.role_arn;
  commit(std::move(e));
  if (input.stopped) on(Stop{});
}

void Turn::on(const WaitOver& input) {
  Scope* found = state_.find(input.scope);
  if (found == nullptr || found->due_ms != input.due_ms) return;
  if (found->waiting == Waiting::kRetry) {
    start_work(input.scope);
  } else if (found->waiting == Waiting::kWait) {
    auto effective = effective_input(*found);
    if (!effective) return fail_evaluation(input.scope, effective.error());
    leave(input.scope, *effective, scope(input.scope).entered_id);
  }
}

void Turn::on(const Stop& input) {
  if (state_.closed()) return;
  cancel_outstanding();
  Event e;
  e.type = EventType::kExecutionAborted;
  e.time_ms = surroundings_.now_ms;
  e.error = input.error;
  e.cause = input.cause;
  commit(std::move(e));
}

void Turn::on(const ExecutionDeadline&) {
  if (state_.closed()) return;
  cancel_outstanding();
  Event e;
  e.type = EventType::kExecutionTimedOut;
  e.time_ms = surroundings_.now_ms;
  e.error = "States.Timeout";
  commit(std::move(e));
}

void Turn::on(const Redrive&) {
  WEFT_CHECK(state_.closed() && !state_.set_aside.empty());  // E14
  Event e;
  e.type = EventType::kExecutionRedriven;
  e.previous_id = state_.last_event_id;
  e.time_ms = surroundings_.now_ms;
  e.number = int64_t{state_.redrives} + 1;
  commit(std::move(e));
}

// Why the history can take no more events; "" when it can.
std::string Turn::history_limit() {
  const uint64_t max = surroundings_.history_events_max;
  if (max != 0 && state_.last_event_id + 2 > max)
    return fmt::format("The execution reached the maximum number of history events ({}).", max);
  if (!surroundings_.history_bytes_left) return {};
  for (; counted_ < decision_.events.size(); ++counted_)
    turn_bytes_ += kept_bytes(decision_.events[counted_]);
  if (turn_bytes_ <= *surroundings_.history_bytes_left) return {};
  return fmt::format("The execution reached the maximum size of an Express history ({} bytes).",
                     kExpressHistoryBytesMax);
}

void Turn::run() {
  while (!state_.closed()) {
    const Scope* next = nullptr;
    for (const Scope& candidate : state_.scopes) {
      if (candidate.waiting == Waiting::kReady || candidate.waiting == Waiting::kRedriven) {
        next = &candidate;
        break;
      }
    }
    // Also when all wait: retries of a task add events without a state being entered.
    if (std::string why = history_limit(); !why.empty()) {
      return fail_execution(
          {.error = "States.Runtime",
           .cause = std::move(why),
           .event_id = next != nullptr ? next->last_id : scope(kRootScope).last_id});
    }
    if (next == nullptr) return;
    if (++transitions_ > base::kTransitionsPerTurnMax) {
      decision_.actions.emplace_back(Yield{});
      return;
    }
    if (next->waiting == Waiting::kRedriven) {
      start_work(next->id);
    } else {
      enter(next->id);
    }
  }
}

size_t kept_bytes(const Event& event) {
  size_t bytes = sizeof(Event) + event.text.size();
  for (const auto& [name, value] : event.variables) bytes += value.size();
  return bytes;
}

Decision decide(ExecutionState& state, const Input& input, const Surroundings& surroundings) {
  Turn turn(state, surroundings);
  if (state.closed() && !std::holds_alternative<Redrive>(input)) return turn.take();
  turn.take_step([&] {
    std::visit([&](const auto& one) { turn.on(one); }, input);
    turn.run();
  });
  return turn.take();
}

namespace {

// What goes on with a task that is out. One that somebody has a token of is not sent out again.
Action task_action(const ExecutionState& state, const Scope& scope) {
  const auto& task = std::get<asl::TaskState>(state.program->state(scope.state).body);
  if (scope.task_submitted && asl::answered_by_token(task.resource)) {
    return AwaitAnswer{.scope = scope.id,
                       .task = scope.task,
                       .deadline_ms = scope.task_deadline_ms,
                       .heartbeat_seconds = scope.task_heartbeat_seconds};
  }
  const bool queued = task.resource.kind == asl::TaskResource::Kind::kActivity;
  return InvokeTask{.scope = scope.id,
                    .task = scope.task,
                    .state = scope.state,
                    .parameters = scope.task_parameters,
                    .deadline_ms = scope.task_deadline_ms,
                    .heartbeat_seconds = queued ? 0 : scope.task_heartbeat_seconds};
}

}  // namespace

std::vector<Action> outstanding(const ExecutionState& state) {
  std::vector<Action> actions;
  bool ready = false;
  for (const Scope& scope : state.scopes) {
    switch (scope.waiting) {
      case Waiting::kReady:
      case Waiting::kRedriven:
        ready = true;
        break;
      case Waiting::kTask:
        actions.push_back(task_action(state, scope));
        break;
      case Waiting::kRetry:
        actions.emplace_back(WakeAt{.scope = scope.id, .due_ms = scope.due_ms});
        break;
      case Waiting::kWait:
        actions.emplace_back(
            WakeAt{.scope = scope.id,
                   .due_ms = scope.due_ms,
                   .timestamp = std::get<asl::WaitState>(state.program->state(scope.state).body)
                                    .timestamp.has_value()});
        break;
      case Waiting::kChildren:
      case Waiting::kMapRun:
      case Waiting::kAnswered:
      case Waiting::kClosed:
        break;
    }
  }
  if (ready) actions.emplace_back(Yield{});
  return actions;
}

}  // namespace weft::engine

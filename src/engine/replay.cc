#include "engine/replay.h"

#include <utility>
#include <variant>

namespace weft::engine {
namespace {

using history::Event;
using history::EventType;

bool is_map_iteration(EventType type) { return type == EventType::kMapIterationStarted; }

// Of an event that is about the state its scope is in.
std::string_view state_misfit(const ExecutionState& state, const Scope& scope, const Event& event) {
  const bool about_state = history::is_state_entered(event.type) || is_map_iteration(event.type) ||
                           event.type == EventType::kParallelStateStarted ||
                           event.type == EventType::kMapStateStarted;
  if (!about_state) return "";
  if (scope.state >= state.program->states.size() || event.state != scope.state)
    return "is about another state than its scope is in";
  const auto& body = state.program->state(event.state).body;
  if (event.type == EventType::kParallelStateStarted)
    return std::holds_alternative<asl::ParallelState>(body) ? "" : "starts branches of no Parallel";
  if (history::is_state_entered(event.type)) return "";
  const auto* map = std::get_if<asl::MapState>(&body);
  if (map == nullptr) return "starts iterations of no Map";
  if (is_map_iteration(event.type)) {
    const bool next = scope.fork && scope.fork->started < scope.fork->total &&
                      event.number == static_cast<int64_t>(scope.fork->started);
    return next ? "" : "starts an iteration that is not the next";
  }
  const bool possible = event.number >= 0 && std::cmp_less_equal(event.number, event.text.size());
  return map->distributed || possible ? "" : "has more items than its text";
}

std::string_view exit_misfit(const ExecutionState& state, const Scope& scope, const Event& event) {
  if (event.number >= 0) {
    const bool known = std::cmp_less(event.number, state.program->states.size());
    return known ? "" : "goes on to a state that the definition has not";
  }
  if (scope.id == kRootScope) return "";
  const Scope* parent = state.find(scope.parent);
  if (parent == nullptr || !parent->fork || scope.position >= parent->fork->results.size() ||
      parent->fork->finished >= parent->fork->started) {
    return "ends a branch that nobody waits for";
  }
  return "";
}

std::string_view task_misfit(const ExecutionState& state, const Scope& scope, const Event& event) {
  switch (event.type) {
    case EventType::kTaskScheduled:
    case EventType::kLambdaFunctionScheduled:
    case EventType::kActivityScheduled: {
      const bool task =
          scope.state < state.program->states.size() &&
          std::holds_alternative<asl::TaskState>(state.program->state(scope.state).body);
      return task ? "" : "sends out a task of no Task state";
    }
    case EventType::kTaskSubmitted:
    case EventType::kActivityStarted:
      if (scope.waiting != Waiting::kTask) return "answers a task that is not out";
      return scope.task_submitted ? "begins a task that has begun" : "";
    case EventType::kTaskSucceeded:
    case EventType::kTaskFailed:
    case EventType::kTaskTimedOut:
    case EventType::kLambdaFunctionSucceeded:
    case EventType::kLambdaFunctionFailed:
    case EventType::kLambdaFunctionTimedOut:
    case EventType::kActivitySucceeded:
    case EventType::kActivityFailed:
    case EventType::kActivityTimedOut:
      return scope.waiting == Waiting::kTask ? "" : "answers a task that is not out";
    case EventType::kMapRunSucceeded:
    case EventType::kMapRunFailed:
      return scope.waiting == Waiting::kMapRun ? "" : "ends a Map Run that does not run";
    case EventType::kMapRunRedriven:
      return scope.waiting == Waiting::kRedriven && scope.map_run != 0
                 ? ""
                 : "redrives a Map Run that there is not";
    case EventType::kMapIterationSucceeded:
      return scope.fork ? "" : "ends an iteration of no Map";
    case EventType::kWeftRetryScheduled: {
      const bool known = scope.state < state.program->states.size() &&
                         event.count < state.program->state(scope.state).retry.size();
      return known ? "" : "follows a retrier that the state has not";
    }
    default:
      return "";
  }
}

}  // namespace

std::string_view misfit(const ExecutionState& state, const Event& event) {
  const bool redriven = event.type == EventType::kExecutionRedriven;
  if (state.closed() && !redriven) return "follows the end of the execution";
  const uint64_t id = history::is_internal(event.type) ? 0 : state.last_event_id + 1;
  if (event.id != id) return "has an id that is not the next";
  if (event.type == EventType::kExecutionStarted)
    return state.scopes.empty() ? "" : "starts an execution that runs";
  if (redriven) {
    const bool next =
        state.closed() && !state.set_aside.empty() && event.number == int64_t{state.redrives} + 1;
    return next ? "" : "redrives what did not end without success, or not for the next time";
  }
  if (history::is_terminal(event.type)) return "";
  const Scope* scope = state.find(event.scope);
  if (scope == nullptr) return "names a branch that there is not";
  if (history::is_state_exited(event.type)) return exit_misfit(state, *scope, event);
  if (const auto why = state_misfit(state, *scope, event); !why.empty()) return why;
  return task_misfit(state, *scope, event);
}

}  // namespace weft::engine

#include <algorithm>
#include <utility>

#include "asl/resource.h"
#include "base/check.h"
#include "engine/state.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::engine {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionStatus;

// The branches or iterations of `scope` and all below them, those set aside too.
std::vector<ScopeId> below(const ExecutionState& state, ScopeId parent) {
  std::vector<ScopeId> found = {parent};
  for (size_t i = 0; i < found.size(); ++i) {
    for (const auto* scopes : {&state.scopes, &state.set_aside}) {
      for (const Scope& scope : *scopes) {
        if (scope.parent == found[i] && scope.id != scope.parent) found.push_back(scope.id);
      }
    }
  }
  found.erase(found.begin());
  return found;
}

// Forgets them.
void drop_children(ExecutionState& state, ScopeId parent) {
  const std::vector<ScopeId> gone = below(state, parent);
  if (gone.empty()) return;
  const auto is_gone = [&](const Scope& scope) {
    return std::ranges::find(gone, scope.id) != gone.end();
  };
  std::erase_if(state.scopes, is_gone);
  std::erase_if(state.set_aside, is_gone);
}

// Keeps them for a redrive.
void set_children_aside(ExecutionState& state, ScopeId parent) {
  const std::vector<ScopeId> aside = below(state, parent);
  if (aside.empty()) return;
  std::erase_if(state.scopes, [&](Scope& scope) {
    if (std::ranges::find(aside, scope.id) == aside.end()) return false;
    state.set_aside.push_back(std::move(scope));
    return true;
  });
}

// What a scope that was stopped does next.
void resume(const ExecutionState& state, Scope& scope, const Event& event) {
  scope.retry_count = 0;
  scope.retrier_counts.clear();
  scope.task_parameters = base::Text();
  scope.task_submitted = false;
  scope.task_deadline_ms.reset();
  scope.task_began_ms = 0;
  if (scope.waiting == Waiting::kReady && scope.entered_id == 0) return;  // not entered yet
  const bool forked = scope.fork && std::ranges::any_of(state.scopes, [&](const Scope& other) {
                        return other.parent == scope.id && other.id != scope.id;
                      });
  if (forked) {
    scope.waiting = Waiting::kChildren;
    return;
  }
  scope.fork.reset();
  scope.waiting = Waiting::kRedriven;
  scope.last_id = event.id;
}

void redrive(ExecutionState& state, const Event& event) {
  // E14: only what ended without success is redriven.
  WEFT_CHECK(state.closed() && !state.set_aside.empty());
  state.status = ExecutionStatus::kRunning;
  state.error.reset();
  state.cause.reset();
  state.stop_ms = 0;
  state.redrives = static_cast<uint32_t>(event.number);
  state.redrive_ms = event.time_ms;
  state.scopes = std::exchange(state.set_aside, {});
  std::ranges::sort(state.scopes, {}, &Scope::id);
  for (Scope& scope : state.scopes) resume(state, scope, event);
}

// E4: an event is about a scope that there is.
Scope& find_scope(ExecutionState& state, const Event& event) {
  Scope* scope = state.find(event.scope);
  WEFT_CHECK(scope != nullptr);
  return *scope;
}

Scope& add_scope(ExecutionState& state, ScopeId parent, asl::BlockId block, uint32_t position,
                 const Event& event) {
  WEFT_CHECK(block < state.program->blocks.size());
  Scope scope;
  scope.id = state.next_scope++;
  scope.parent = parent;
  scope.block = block;
  scope.position = position;
  scope.state = state.program->block(block).start_at;
  scope.input = event.text;
  scope.last_id = event.id;
  state.scopes.push_back(std::move(scope));
  return state.scopes.back();
}

void begin(ExecutionState& state, const Event& event) {
  // E3: an execution begins once, with nothing at work.
  WEFT_CHECK(state.scopes.empty());
  WEFT_CHECK(state.program != nullptr && state.root_block < state.program->blocks.size());
  state.input = event.text;
  state.role_arn = event.resource;
  state.start_ms = event.time_ms;
  Scope root;
  root.block = state.root_block;
  root.state = state.program->block(state.root_block).start_at;
  root.input = event.text;
  state.scopes.push_back(std::move(root));
}

void end(ExecutionState& state, const Event& event, ExecutionStatus status) {
  state.status = status;
  state.output = event.text;
  state.error = event.error;
  state.cause = event.cause;
  state.stop_ms = event.time_ms;
  if (status == ExecutionStatus::kSucceeded) {
    state.set_aside.clear();
  } else {
    std::ranges::move(state.scopes, std::back_inserter(state.set_aside));
  }
  state.scopes.clear();
}

void enter(Scope& scope, const Event& event) {
  // E5: what begins in a scope belongs to the state that the scope is in.
  WEFT_CHECK(event.state == scope.state);
  scope.state = event.state;
  scope.input = event.text;
  scope.entered_id = event.id;
  scope.entered_previous_id = event.previous_id;
  scope.entered_ms = event.time_ms;
  scope.last_id = event.id;
  scope.retry_count = 0;
  scope.retrier_counts.clear();
  scope.fork.reset();
}

void assign(Scope& scope, const Event& event) {
  for (const auto& [name, value] : event.variables) {
    auto found =
        std::ranges::find(scope.variables, name, &std::pair<std::string, base::Text>::first);
    if (found == scope.variables.end()) {
      scope.variables.emplace_back(name, value);
    } else {
      found->second = value;
    }
  }
}

// A branch or iteration reached its end: its output goes to the state that forked it.
void join(ExecutionState& state, const Scope& scope, const Event& event) {
  Scope* parent = state.find(scope.parent);
  // E6: whoever ends has a state that waits for it.
  WEFT_CHECK(parent != nullptr && parent->fork.has_value());
  // E7: of a fork, finished <= started <= total, and every branch has a place of its own.
  WEFT_CHECK(scope.position < parent->fork->results.size());
  WEFT_CHECK(parent->fork->finished < parent->fork->started);
  parent->fork->results[scope.position] = event.text;
  ++parent->fork->finished;
  parent->fork->last_finished_id = event.id;
  const ScopeId gone = scope.id;
  std::erase_if(state.scopes, [&](const Scope& candidate) { return candidate.id == gone; });
}

void exit(ExecutionState& state, Scope& scope, const Event& event) {
  drop_children(state, scope.id);
  Scope& self = *state.find(event.scope);  // drop_children may have moved it
  assign(self, event);
  self.fork.reset();
  self.map_run = 0;
  self.map_run_redrives = 0;
  self.last_id = event.id;
  self.input = event.text;
  self.entered_id = 0;
  if (event.number >= 0) {
    // E8: a scope goes on to a state of its program.
    WEFT_CHECK(std::cmp_less(event.number, state.program->states.size()));
    self.waiting = Waiting::kReady;
    self.state = static_cast<asl::StateId>(event.number);
    return;
  }
  self.waiting = Waiting::kClosed;
  if (self.id != kRootScope) join(state, self, event);
}

void schedule_task(ExecutionState& state, Scope& scope, const Event& event) {
  scope.waiting = Waiting::kTask;
  scope.task = ++state.tasks;
  scope.last_id = event.id;
  scope.task_parameters = event.text;
  scope.task_submitted = false;
  scope.task_deadline_ms.reset();
  scope.task_began_ms = 0;
  if (event.timeout_seconds)
    scope.task_deadline_ms = event.time_ms + *event.timeout_seconds * 1'000;
  const auto& task = std::get<asl::TaskState>(state.program->state(scope.state).body);
  scope.task_heartbeat_seconds =
      asl::answered_by_token(task.resource) ? event.heartbeat_seconds.value_or(0) : 0;
}

// A job that is asked for by name is found again after a crash; a token is out for good.
void submit_task(const ExecutionState& state, Scope& scope, const Event& event) {
  WEFT_CHECK(scope.waiting == Waiting::kTask && !scope.task_submitted);  // E12
  scope.task_submitted = true;
  scope.last_id = event.id;
  // What the call waited for a process is no time of the task's.
  if (event.timing) scope.task_began_ms = event.timing->started_ms;
  if (event.timing && scope.task_deadline_ms)
    *scope.task_deadline_ms += event.timing->queued_us / 1'000;
  const auto& task = std::get<asl::TaskState>(state.program->state(scope.state).body);
  if (asl::answered_by_token(task.resource)) scope.task_parameters = base::Text();
}

void schedule_retry(ExecutionState& state, const Event& event) {
  drop_children(state, event.scope);
  Scope& scope = *state.find(event.scope);
  scope.fork.reset();
  scope.waiting = Waiting::kRetry;
  scope.due_ms = event.number;
  scope.last_id = event.previous_id;
  ++scope.retry_count;
  ++state.retries;
  // E9: a retry follows from a retrier of the state, which bounds what is counted.
  WEFT_CHECK(event.count < state.program->state(scope.state).retry.size());
  if (scope.retrier_counts.size() <= event.count) scope.retrier_counts.resize(event.count + 1);
  ++scope.retrier_counts[event.count];
}

void fork_parallel(ExecutionState& state, const Event& event) {
  WEFT_CHECK(event.state == find_scope(state, event).state);  // E5
  drop_children(state, event.scope);
  const auto& parallel = std::get<asl::ParallelState>(state.program->state(event.state).body);
  const auto total = static_cast<uint32_t>(parallel.branches.size());
  {
    Scope& scope = *state.find(event.scope);
    scope.waiting = Waiting::kChildren;
    scope.last_id = event.id;
    scope.fork = Fork{.started_id = event.id, .total = total, .started = total, .results = {}};
    scope.fork->results.resize(total);
  }
  for (uint32_t i = 0; i < total; ++i)
    add_scope(state, event.scope, parallel.branches[i], i, event);
}

void start_map(ExecutionState& state, const Event& event) {
  WEFT_CHECK(event.state == find_scope(state, event).state);  // E5
  drop_children(state, event.scope);
  Scope& scope = *state.find(event.scope);
  scope.last_id = event.id;
  scope.map_run = 0;
  scope.map_run_redrives = 0;
  if (std::get<asl::MapState>(state.program->state(event.state).body).distributed) return;
  // E10: there are no more items than bytes that hold them: the results have a bound.
  WEFT_CHECK(event.number >= 0 && std::cmp_less_equal(event.number, event.text.size()));
  const auto total = static_cast<uint32_t>(event.number);
  scope.waiting = Waiting::kChildren;
  scope.fork = Fork{.started_id = event.id,
                    .last_finished_id = event.id,
                    .items = event.text,
                    .total = total,
                    .limit = event.count};
  scope.fork->results.resize(total);
}

void start_iteration(ExecutionState& state, const Event& event) {
  Scope& map = find_scope(state, event);
  // E11: iterations start in order, none twice and none beyond the items.
  WEFT_CHECK(map.fork.has_value() && map.fork->started < map.fork->total);
  WEFT_CHECK(std::cmp_equal(event.number, map.fork->started));
  WEFT_CHECK(event.state == map.state);  // E5
  ++map.fork->started;
  const asl::BlockId block =
      std::get<asl::MapState>(state.program->state(event.state).body).processor;
  add_scope(state, event.scope, block, static_cast<uint32_t>(event.number), event);
}

void end_map_run(Scope& scope, const Event& event) {
  // E13: a Map Run ends once, and only while its state waits for it.
  WEFT_CHECK(scope.waiting == Waiting::kMapRun);
  scope.waiting = Waiting::kAnswered;
  scope.last_id = event.id;
  // What is wrong then is the Map state or its items: a redrive starts a new Map Run.
  if (event.type == EventType::kMapRunSucceeded || event.error == "States.DataLimitExceeded") {
    scope.map_run = 0;
    scope.map_run_redrives = 0;
  }
}

// Events of one scope that only advance its chain, or set what it waits for.
void apply_in_scope(ExecutionState& state, Scope& scope, const Event& event) {
  switch (event.type) {
    case EventType::kTaskScheduled:
    case EventType::kLambdaFunctionScheduled:
    case EventType::kActivityScheduled:
      return schedule_task(state, scope, event);
    case EventType::kTaskSubmitted:
    case EventType::kActivityStarted:
      return submit_task(state, scope, event);
    case EventType::kWeftWaitScheduled:
      scope.waiting = Waiting::kWait;
      scope.due_ms = event.number;
      return;
    case EventType::kWeftRetryScheduled:
      return schedule_retry(state, event);
    case EventType::kMapRunStarted:
      scope.waiting = Waiting::kMapRun;
      scope.map_run = static_cast<uint64_t>(event.number);
      scope.last_id = event.id;
      return;
    case EventType::kMapRunRedriven:
      scope.waiting = Waiting::kMapRun;
      scope.map_run_redrives = static_cast<uint32_t>(event.number);
      scope.last_id = event.id;
      return;
    case EventType::kParallelStateFailed:
    case EventType::kMapStateFailed:
      set_children_aside(state, event.scope);
      state.find(event.scope)->last_id = event.id;
      return;
    case EventType::kMapIterationSucceeded:
      WEFT_CHECK(scope.fork.has_value());  // E7
      scope.fork->last_finished_id = event.id;
      return;
    case EventType::kTaskSucceeded:
    case EventType::kTaskFailed:
    case EventType::kTaskTimedOut:
    case EventType::kLambdaFunctionSucceeded:
    case EventType::kLambdaFunctionFailed:
    case EventType::kLambdaFunctionTimedOut:
    case EventType::kActivitySucceeded:
    case EventType::kActivityFailed:
    case EventType::kActivityTimedOut:
      // E12: a task is answered once, and only while it is out.
      WEFT_CHECK(scope.waiting == Waiting::kTask);
      scope.waiting = Waiting::kAnswered;
      scope.last_id = event.id;
      return;
    case EventType::kMapRunSucceeded:
    case EventType::kMapRunFailed:
      return end_map_run(scope, event);
    case EventType::kMapIterationFailed:
    case EventType::kMapIterationAborted:
    case EventType::kParallelStateSucceeded:
    case EventType::kMapStateSucceeded:
    case EventType::kTaskStateAborted:
    case EventType::kWaitStateAborted:
    case EventType::kParallelStateAborted:
    case EventType::kMapStateAborted:
      return;
    default:
      scope.last_id = event.id;
  }
}

}  // namespace

Scope* ExecutionState::find(ScopeId id) {
  auto found = std::ranges::find(scopes, id, &Scope::id);
  return found == scopes.end() ? nullptr : &*found;
}

const Scope* ExecutionState::find(ScopeId id) const {
  return const_cast<ExecutionState*>(this)->find(id);
}

void apply(ExecutionState& state, const Event& event) {
  // E1: nothing follows the end of an execution but its redrive.
  WEFT_CHECK(!state.closed() || event.type == EventType::kExecutionRedriven);
  // E2: events are numbered 1, 2, 3 without gaps; ours, which nobody sees, have no number.
  WEFT_CHECK(event.id == (history::is_internal(event.type) ? 0 : state.last_event_id + 1));
  if (event.id != 0) state.last_event_id = event.id;
  state.last_event_ms = std::max(state.last_event_ms, event.time_ms);
  switch (event.type) {
    case EventType::kExecutionStarted:
      return begin(state, event);
    case EventType::kExecutionRedriven:
      return redrive(state, event);
    case EventType::kExecutionSucceeded:
      return end(state, event, ExecutionStatus::kSucceeded);
    case EventType::kExecutionFailed:
      return end(state, event, ExecutionStatus::kFailed);
    case EventType::kExecutionAborted:
      return end(state, event, ExecutionStatus::kAborted);
    case EventType::kExecutionTimedOut:
      return end(state, event, ExecutionStatus::kTimedOut);
    case EventType::kParallelStateStarted:
      return fork_parallel(state, event);
    case EventType::kMapStateStarted:
      return start_map(state, event);
    case EventType::kMapIterationStarted:
      return start_iteration(state, event);
    default:
      break;
  }
  Scope& scope = find_scope(state, event);
  if (history::is_state_entered(event.type)) return enter(scope, event);
  if (history::is_state_exited(event.type)) return exit(state, scope, event);
  apply_in_scope(state, scope, event);
}

}  // namespace weft::engine

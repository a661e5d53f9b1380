#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "engine/turn.h"

namespace weft::engine {

using history::Event;
using history::EventType;

void Turn::enter(ScopeId id) {
  const Scope& current = scope(id);
  Event e =
      event(state_event(state_of(current).type, StateEvent::kEntered), current, current.last_id);
  e.name = state_of(current).name;
  e.text = current.input;
  commit(std::move(e));
  start_work(id);
}

void Turn::start_work(ScopeId id) {
  Scope& current = scope(id);
  switch (state_of(current).type) {
    case asl::StateType::kPass:
      return start_pass(current);
    case asl::StateType::kTask:
      return start_task(current);
    case asl::StateType::kChoice:
      return start_choice(current);
    case asl::StateType::kWait:
      return start_wait(current);
    case asl::StateType::kSucceed:
      return start_succeed(current);
    case asl::StateType::kFail:
      return start_fail(current);
    case asl::StateType::kParallel:
      return start_parallel(current);
    case asl::StateType::kMap:
      return start_map(current);
  }
}

void Turn::leave(ScopeId id, const base::Text& result, uint64_t previous_id) {
  const Scope& current = scope(id);
  const asl::State& state = state_of(current);
  if (surroundings_.inspection != nullptr) surroundings_.inspection->result = result;
  base::Text output = result;
  std::vector<std::pair<std::string, base::Text>> variables;
  if (state.output || !state.assign.empty()) {
    Context context(*this, current);
    asl::Evaluation values = evaluation(current, context);
    const auto* pass = std::get_if<asl::PassState>(&state.body);
    const bool has_result = state.type == asl::StateType::kTask ||
                            state.type == asl::StateType::kParallel ||
                            state.type == asl::StateType::kMap || (pass != nullptr && pass->result);
    if (has_result) values.set_result({.value = parse(result, state.language), .text = result});
    auto assigned = evaluate_assign(state.assign, values);
    if (!assigned) return fail_evaluation(id, assigned.error());
    variables = std::move(*assigned);
    auto shaped = evaluate_output(state.output, values, result);
    if (!shaped) return fail_evaluation(id, shaped.error());
    output = std::move(*shaped);
  }
  leave_with(id, std::move(output), std::move(variables), state.next, previous_id);
}

void Turn::leave_with(ScopeId id, base::Text output,
                      std::vector<std::pair<std::string, base::Text>> variables, asl::StateId next,
                      uint64_t previous_id) {
  const Scope& current = scope(id);
  const asl::State& state = state_of(current);
  size_t variable_bytes = 0;
  for (const auto& [name, value] : variables) variable_bytes += value.size();
  if (std::max(output.size(), variable_bytes) > surroundings_.state_data_bytes_max)
    return data_limit_exceeded(id, state.name, previous_id);
  Event e = event(state_event(state.type, StateEvent::kExited), current, previous_id);
  e.name = state.name;
  e.text = std::move(output);
  e.number = next == asl::kNoState ? -1 : static_cast<int64_t>(next);
  e.variables = std::move(variables);
  const Scope before = next == asl::kNoState ? current : Scope{};
  const uint64_t exited = commit(std::move(e));
  if (next == asl::kNoState) finish_scope(id, exited, before);
}

void Turn::finish_scope(ScopeId id, uint64_t last_id, const Scope& before) {
  if (id == kRootScope) {
    Event e = event(EventType::kExecutionSucceeded, scope(id), last_id);
    e.text = scope(id).input;
    e.state = UINT32_MAX;
    commit(std::move(e));
    return;
  }
  Scope& parent = scope(before.parent);
  if (state_of(parent).type == asl::StateType::kParallel) {
    if (parent.fork->finished == parent.fork->total) finish_parallel(parent.id);
    return;
  }
  Event e = event(EventType::kMapIterationSucceeded, parent, last_id);
  e.name = state_of(parent).name;
  e.number = before.position;
  const uint64_t succeeded = commit(std::move(e));
  const Fork& fork = *scope(before.parent).fork;
  if (fork.finished == fork.total) return finish_map(before.parent, succeeded);
  start_iterations(before.parent, last_id);
}

}  // namespace weft::engine

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "engine/turn.h"

namespace weft::engine {

using history::Event;
using history::EventType;

namespace {

// All variables of one execution, in all scopes: bytes of their JSON. AWS: 10 MiB.
constexpr size_t kVariablesBytesMax = 10'485'760;

}  // namespace

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
  if (!state.output && state.assign.empty())
    return leave_with(id, result, {}, state.next, previous_id);
  Context context(*this, current);
  asl::Evaluation values = evaluation(current, context);
  const bool has_result = state.type == asl::StateType::kTask ||
                          state.type == asl::StateType::kParallel ||
                          state.type == asl::StateType::kMap;
  if (has_result) values.set_result({.value = parse(result, state.language), .text = result});
  leave_shaped(id, values, result, previous_id);
}

void Turn::leave(ScopeId id, json::Value result, asl::Evaluation& values) {
  const Scope& current = scope(id);
  const asl::State& state = state_of(current);
  base::Text text;
  if (!state.output || surroundings_.inspection != nullptr) text = values.text_of(result);
  if (surroundings_.inspection != nullptr) surroundings_.inspection->result = text;
  values.set_result({.value = result, .text = text});
  leave_shaped(id, values, text, current.entered_id);
}

void Turn::leave_shaped(ScopeId id, asl::Evaluation& values, const base::Text& result,
                        uint64_t previous_id) {
  const asl::State& state = state_of(scope(id));
  auto assigned = evaluate_assign(state.assign, values);
  if (!assigned) return fail_evaluation(id, assigned.error());
  auto shaped = evaluate_output(state.output, values, result);
  if (!shaped) return fail_evaluation(id, shaped.error());
  leave_with(id, std::move(*shaped), std::move(*assigned), state.next, previous_id);
}

// Of the variables that `assigned` in the scope `of` leaves as they are, in all scopes.
size_t Turn::kept_variable_bytes(
    const Scope& of, const std::vector<std::pair<std::string, base::Text>>& assigned) const {
  size_t bytes = 0;
  for (const Scope& one : state_.scopes) {
    for (const auto& [name, value] : one.variables) {
      const bool replaced =
          one.id == of.id &&
          std::ranges::find(assigned, name, &std::pair<std::string, base::Text>::first) !=
              assigned.end();
      if (!replaced) bytes += value.size();
    }
  }
  return bytes;
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
  if (!variables.empty() &&
      variable_bytes + kept_variable_bytes(current, variables) > kVariablesBytesMax) {
    return fail(id, {.error = "States.DataLimitExceeded",
                     .cause = fmt::format("With what the state '{}' assigns, the variables of the "
                                          "execution exceed the maximum number of bytes ({}).",
                                          state.name, kVariablesBytesMax),
                     .event_id = previous_id,
                     .data_limit = DataLimit::kState});
  }
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

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "engine/retry.h"
#include "engine/turn.h"
#include "json/build.h"

namespace weft::engine {

using history::Event;
using history::EventType;

namespace {

std::string cut(std::string text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

}  // namespace

bool Turn::catch_failure(Scope& current, Failure& failure) {
  const asl::State& state = state_of(current);
  const auto found = std::ranges::find_if(state.catchers, [&](const asl::Catcher& catcher) {
    return handles(catcher.error_equals, failure);
  });
  if (found == state.catchers.end()) return false;
  const ScopeId id = current.id;
  if (surroundings_.inspection != nullptr)
    surroundings_.inspection->catcher = static_cast<uint32_t>(found - state.catchers.begin());
  json::ObjectBuilder error_output(surroundings_.arena);
  error_output.add_ref("Error",
                       json::Value::string(failure.error.value_or(""), surroundings_.arena));
  if (failure.cause)
    error_output.add_ref("Cause", json::Value::string(*failure.cause, surroundings_.arena));
  const json::Value caught = error_output.finish();

  Context context(*this, scope(id));
  asl::Evaluation values = evaluation(scope(id), context);
  values.set_error_output(caught);
  values.watch(nullptr);  // a catcher's ResultPath is none of the state's own
  auto assigned = evaluate_assign(found->assign, values);
  if (!assigned) return fail_evaluation(id, assigned.error(), false), true;
  auto output = evaluate_output(found->output, values, text_of(scope(id), caught));
  if (!output) return fail_evaluation(id, output.error(), false), true;
  failure.event_id = close_fork(id, failure.event_id);
  leave_with(id, std::move(*output), std::move(*assigned), found->next, failure.event_id);
  return true;
}

uint64_t Turn::close_fork(ScopeId id, uint64_t previous_id) {
  switch (state_of(scope(id)).type) {
    case asl::StateType::kMap:
      return commit_simple(EventType::kMapStateFailed, scope(id), previous_id);
    case asl::StateType::kParallel:
      return commit_simple(EventType::kParallelStateFailed, scope(id), previous_id);
    default:
      return previous_id;
  }
}

void Turn::fail(ScopeId id, Failure failure, bool own_handlers) {
  if (failure.error) failure.error = cut(std::move(*failure.error), base::kErrorCharsMax);
  if (failure.cause) failure.cause = cut(std::move(*failure.cause), base::kCauseCharsMax);
  if (surroundings_.inspection != nullptr) {
    surroundings_.inspection->error = failure.error;
    surroundings_.inspection->cause = failure.cause;
  }
  if (is_terminal(failure)) return fail_execution(failure);
  // Fails while branches or iterations are at work (an ItemSelector that cannot be evaluated).
  if (own_handlers && scope(id).waiting == Waiting::kChildren)
    abort_children(id, std::nullopt, failure.event_id);
  for (bool handlers = own_handlers;; handlers = true) {
    Scope& current = scope(id);
    if (handlers && (retry(current, failure) || catch_failure(scope(id), failure))) return;
    failure.event_id = close_fork(id, failure.event_id);
    if (id == kRootScope) return fail_execution(failure);
    const Scope failed = scope(id);
    Scope& parent = scope(failed.parent);
    if (state_of(parent).type == asl::StateType::kMap) {
      Event e = event(EventType::kMapIterationFailed, parent, failure.event_id);
      e.name = state_of(parent).name;
      e.number = failed.position;
      commit(std::move(e));
    }
    // AWS closes the failed Task itself, too (seen inside Parallel and Map states only).
    if (state_of(failed).type == asl::StateType::kTask) {
      commit_simple(EventType::kTaskStateAborted, failed, failure.event_id);
    }
    abort_children(failed.parent, id, failure.event_id);
    id = failed.parent;
  }
}

void Turn::fail_evaluation(ScopeId id, const asl::Fault& fault, bool own_handlers) {
  const Scope& current = scope(id);
  Failure failure{.error = fault.error,
                  .cause = cut(cause_prefix(current) + fault.cause, base::kCauseCharsMax),
                  .event_id = current.last_id};
  if (fault.recorded) {
    const asl::State& state = state_of(current);
    const uint64_t previous =
        state.type == asl::StateType::kWait ? current.entered_id : current.entered_previous_id;
    Event e = event(EventType::kEvaluationFailed, current, previous);
    e.name = state.name;
    e.resource_type = fault.field;
    e.error = failure.error;
    e.cause = failure.cause;
    failure.event_id = commit(std::move(e));
  }
  fail(id, std::move(failure), own_handlers);
}

void Turn::fail_execution(const Failure& failure) {
  cancel_outstanding();
  Event e;
  e.type = EventType::kExecutionFailed;
  e.previous_id = failure.event_id;
  e.time_ms = surroundings_.now_ms;
  e.error = failure.error;
  e.cause = failure.cause;
  commit(std::move(e));
}

void Turn::fail_too_deep() {
  fail_execution({.error = "States.Runtime",
                  .cause = fmt::format("A payload of the execution is nested more than {} levels "
                                       "deep, which cannot be read.",
                                       base::kJsonDepthMax),
                  .event_id = state_.last_event_id});
}

void Turn::data_limit_exceeded(ScopeId id, std::string_view what, uint64_t previous_id) {
  fail(id, {.error = "States.DataLimitExceeded",
            .cause = fmt::format("The state/task '{}' returned a result with a size exceeding the "
                                 "maximum number of bytes "
                                 "service limit.",
                                 what),
            .event_id = previous_id,
            .data_limit = DataLimit::kState});
}

void Turn::abort_children(ScopeId parent, std::optional<ScopeId> except, uint64_t cause_id) {
  std::vector<Scope> children;
  for (const Scope& candidate : state_.scopes) {
    if (candidate.parent == parent && candidate.id != parent && candidate.id != except) {
      children.push_back(candidate);
    }
  }
  const bool map = !children.empty() && state_of(scope(parent)).type == asl::StateType::kMap;
  for (const Scope& child : children) {
    if (map) {
      Event e = event(EventType::kMapIterationAborted, scope(parent), cause_id);
      e.name = state_of(scope(parent)).name;
      e.number = child.position;
      commit(std::move(e));
    }
    abort_scope(child, cause_id);
  }
}

void Turn::abort_scope(const Scope& child, uint64_t cause_id) {
  if (child.waiting == Waiting::kTask) decision_.actions.emplace_back(CancelTask{child.task});
  if (child.waiting == Waiting::kMapRun) decision_.actions.emplace_back(StopMapRun{child.map_run});
  if (child.waiting == Waiting::kChildren) abort_children(child.id, std::nullopt, cause_id);
  if (child.waiting == Waiting::kReady || child.entered_id == 0) return;
  commit_simple(state_event(state_of(child).type, StateEvent::kAborted), child, cause_id);
}

void Turn::cancel_outstanding() {
  for (const Scope& current : state_.scopes) {
    if (current.waiting == Waiting::kTask) decision_.actions.emplace_back(CancelTask{current.task});
    if (current.waiting == Waiting::kMapRun)
      decision_.actions.emplace_back(StopMapRun{current.map_run});
  }
}

}  // namespace weft::engine

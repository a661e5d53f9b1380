#include "engine/test_state.h"

#include "base/check.h"
#include "engine/turn.h"

namespace weft::engine {

void Turn::begin_test(const TestStart& start) {
  on(Begin{.input = start.input, .role_arn = start.role_arn});
  Scope& root = scope(kRootScope);
  root.state = start.state;
  root.variables = start.variables;
  Event entered = event(state_event(state_of(root).type, StateEvent::kEntered), root, root.last_id);
  entered.name = state_of(root).name;
  entered.text = start.input;
  commit(std::move(entered));
  Scope& inside = scope(kRootScope);
  inside.retry_count = start.retries;
  inside.retrier_counts.assign(state_of(inside).retry.size(), start.retries);
  // Shown also where nothing asks for it, as under Parameters without a path.
  if (state_of(inside).input) (void)effective_input(inside);
  start_work(kRootScope);
}

void Turn::end_test(const TestOutcome& outcome) {
  const Scope& root = scope(kRootScope);
  const bool failed = outcome.result.is_null();
  switch (root.waiting) {
    case Waiting::kTask:
      if (outcome.too_large) return on(TaskFailed{.task = root.task, .too_large = true});
      if (failed) {
        return task_ended(scope(kRootScope), {.error = outcome.error, .cause = outcome.cause},
                          false, std::nullopt);
      }
      return on(TaskSucceeded{.task = root.task, .output = outcome.result});
    case Waiting::kWait:
      return on(WaitOver{.due_ms = root.due_ms});
    case Waiting::kChildren:
    case Waiting::kMapRun: {
      const uint64_t last = root.last_id;
      if (!failed) return leave(kRootScope, outcome.result, last);
      return fail(kRootScope, {.error = outcome.error, .cause = outcome.cause, .event_id = last});
    }
    default:
      WEFT_CHECK(false);  // only what is at work ends
  }
}

Decision begin_test(ExecutionState& state, const TestStart& start,
                    const Surroundings& surroundings) {
  Turn turn(state, surroundings);
  turn.take_step([&] { turn.begin_test(start); });
  return turn.take();
}

bool is_at_work(const ExecutionState& state) {
  const Scope* root = state.find(kRootScope);
  if (root == nullptr) return false;
  switch (root->waiting) {
    case Waiting::kTask:
    case Waiting::kWait:
    case Waiting::kChildren:
    case Waiting::kMapRun:
      return true;
    default:
      return false;
  }
}

Decision end_test(ExecutionState& state, const TestOutcome& outcome,
                  const Surroundings& surroundings) {
  Turn turn(state, surroundings);
  turn.take_step([&] { turn.end_test(outcome); });
  return turn.take();
}

Decision time_out_test(ExecutionState& state, const Surroundings& surroundings) {
  Turn turn(state, surroundings);
  turn.on(TaskDeadline{.task = state.find(kRootScope)->task});
  return turn.take();
}

}  // namespace weft::engine

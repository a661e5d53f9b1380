#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/decide.h"

// One state alone, as TestState runs it (AWS page "Testing state machines with TestState API"): it
// is entered, its work ends as the test says, and no other state follows. All that the state does
// on the way is done by the same code as in an execution.

namespace weft::engine {

struct TestStart {
  asl::StateId state = asl::kNoState;
  base::Text input;
  std::string role_arn;
  std::vector<std::pair<std::string, base::Text>> variables;
  uint32_t retries = 0;  // that each of its retriers has had
};

// How the work of the state ended: a task, the children of a Map or Parallel state.
struct TestOutcome {
  base::Text result;  // JSON; null when it failed
  std::optional<std::string> error;
  std::optional<std::string> cause;
  bool too_large = false;  // of a task: engine::TaskFailed
};

// `state` holds the program and nothing else. `surroundings.inspection` must be given, with a
// context object. Afterwards the state was left, has failed, is to be tried again, or waits for its
// work: is_at_work().
Decision begin_test(ExecutionState& state, const TestStart& start,
                    const Surroundings& surroundings);
bool is_at_work(const ExecutionState& state);
// Only while it is at work. A Wait state ends whatever the outcome says.
Decision end_test(ExecutionState& state, const TestOutcome& outcome,
                  const Surroundings& surroundings);
// The task took longer than it may.
Decision time_out_test(ExecutionState& state, const Surroundings& surroundings);

}  // namespace weft::engine

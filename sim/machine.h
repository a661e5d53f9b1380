#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace weft::sim {

using Random = std::mt19937_64;

// A random state machine definition over inputs {"n": integer, "xs": [integers]}: every state keeps
// that shape, so any state can follow any other. All state types, Retry, Catch, Assign, nested
// Parallel and Map, distributed Maps in the Standard children of others. In JSONata, or in JSONPath
// with some states in JSONata.
// Children of distributed Maps are Standard or Express ones; so is the machine itself (`express`),
// which then has no distributed Map.
std::string random_machine(Random& random, bool express);

// A random input for it.
std::string random_input(Random& random);

// What the function of the simulation does with a payload {"n": v, "attempt": a}: a pure function
// of it, so that the order of things cannot change what comes out.
struct FunctionPlan {
  enum class Kind : uint8_t { kAnswer, kFail, kHang } kind = Kind::kAnswer;
  int64_t answer = 0;  // the "n" of the answer
};
FunctionPlan plan_function(int64_t n, int64_t attempt);

// Of the activity that tasks of random machines are of.
inline constexpr const char* kActivityArn = "arn:aws:states:us-east-1:000000000000:activity:work";

// The state machine that tasks of random ones start and wait for, on the same payload: calls the
// function once, or waits longer than anybody waits for it.
std::string inner_machine();
inline constexpr const char* kInnerName = "inner";
inline constexpr int64_t kNestedTimeoutSeconds = 8;  // of the tasks that wait for it
// What comes to such a task: an answer, States.TaskFailed, or States.Timeout (kHang).
FunctionPlan plan_nested(int64_t n, int64_t attempt);

}  // namespace weft::sim

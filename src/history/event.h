#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/time.h"

// The vocabulary of everything above: what happened in an execution. AWS's history events, plus a
// few of our own that recovery needs and clients never see (they carry id 0). Source: AWS API
// reference, HistoryEvent.

namespace weft::history {

// X(enumerator and AWS name, details member of GetExecutionHistory or "")
#define WEFT_EVENT_TYPES(X)                                                   \
  X(ExecutionStarted, "executionStartedEventDetails")                         \
  X(ExecutionSucceeded, "executionSucceededEventDetails")                     \
  X(ExecutionFailed, "executionFailedEventDetails")                           \
  X(ExecutionAborted, "executionAbortedEventDetails")                         \
  X(ExecutionTimedOut, "executionTimedOutEventDetails")                       \
  X(ExecutionRedriven, "executionRedrivenEventDetails")                       \
  X(PassStateEntered, "stateEnteredEventDetails")                             \
  X(PassStateExited, "stateExitedEventDetails")                               \
  X(TaskStateEntered, "stateEnteredEventDetails")                             \
  X(TaskStateExited, "stateExitedEventDetails")                               \
  X(TaskStateAborted, "")                                                     \
  X(ChoiceStateEntered, "stateEnteredEventDetails")                           \
  X(ChoiceStateExited, "stateExitedEventDetails")                             \
  X(WaitStateEntered, "stateEnteredEventDetails")                             \
  X(WaitStateExited, "stateExitedEventDetails")                               \
  X(WaitStateAborted, "")                                                     \
  X(SucceedStateEntered, "stateEnteredEventDetails")                          \
  X(SucceedStateExited, "stateExitedEventDetails")                            \
  X(FailStateEntered, "stateEnteredEventDetails")                             \
  X(ParallelStateEntered, "stateEnteredEventDetails")                         \
  X(ParallelStateExited, "stateExitedEventDetails")                           \
  X(ParallelStateStarted, "")                                                 \
  X(ParallelStateSucceeded, "")                                               \
  X(ParallelStateFailed, "")                                                  \
  X(ParallelStateAborted, "")                                                 \
  X(MapStateEntered, "stateEnteredEventDetails")                              \
  X(MapStateExited, "stateExitedEventDetails")                                \
  X(MapStateStarted, "mapStateStartedEventDetails")                           \
  X(MapStateSucceeded, "")                                                    \
  X(MapStateFailed, "")                                                       \
  X(MapStateAborted, "")                                                      \
  X(MapIterationStarted, "mapIterationStartedEventDetails")                   \
  X(MapIterationSucceeded, "mapIterationSucceededEventDetails")               \
  X(MapIterationFailed, "mapIterationFailedEventDetails")                     \
  X(MapIterationAborted, "mapIterationAbortedEventDetails")                   \
  X(MapRunStarted, "mapRunStartedEventDetails")                               \
  X(MapRunSucceeded, "")                                                      \
  X(MapRunFailed, "mapRunFailedEventDetails")                                 \
  X(MapRunAborted, "")                                                        \
  X(MapRunRedriven, "mapRunRedrivenEventDetails")                             \
  X(TaskScheduled, "taskScheduledEventDetails")                               \
  X(TaskStarted, "taskStartedEventDetails")                                   \
  X(TaskStartFailed, "taskStartFailedEventDetails")                           \
  X(TaskSubmitted, "taskSubmittedEventDetails")                               \
  X(TaskSubmitFailed, "taskSubmitFailedEventDetails")                         \
  X(TaskSucceeded, "taskSucceededEventDetails")                               \
  X(TaskFailed, "taskFailedEventDetails")                                     \
  X(TaskTimedOut, "taskTimedOutEventDetails")                                 \
  X(LambdaFunctionScheduled, "lambdaFunctionScheduledEventDetails")           \
  X(LambdaFunctionScheduleFailed, "lambdaFunctionScheduleFailedEventDetails") \
  X(LambdaFunctionStarted, "")                                                \
  X(LambdaFunctionStartFailed, "lambdaFunctionStartFailedEventDetails")       \
  X(LambdaFunctionSucceeded, "lambdaFunctionSucceededEventDetails")           \
  X(LambdaFunctionFailed, "lambdaFunctionFailedEventDetails")                 \
  X(LambdaFunctionTimedOut, "lambdaFunctionTimedOutEventDetails")             \
  X(ActivityScheduled, "activityScheduledEventDetails")                       \
  X(ActivityScheduleFailed, "activityScheduleFailedEventDetails")             \
  X(ActivityStarted, "activityStartedEventDetails")                           \
  X(ActivitySucceeded, "activitySucceededEventDetails")                       \
  X(ActivityFailed, "activityFailedEventDetails")                             \
  X(ActivityTimedOut, "activityTimedOutEventDetails")                         \
  X(EvaluationFailed, "evaluationFailedEventDetails")                         \
  /* Ours: facts that replay needs and AWS does not show. */                  \
  X(WeftRetryScheduled, "")                                                   \
  X(WeftWaitScheduled, "")

// The value of an enumerator is stored on disk: append only.
enum class EventType : uint8_t {
#define WEFT_EVENT_ENUM(name, details) k##name,
  WEFT_EVENT_TYPES(WEFT_EVENT_ENUM)
#undef WEFT_EVENT_ENUM
};
inline constexpr size_t kEventTypeCount = static_cast<size_t>(EventType::kWeftWaitScheduled) + 1;

// "PassStateEntered"; and the member of GetExecutionHistory that holds its details ("" when it has
// none).
std::string_view to_string(EventType type);
std::string_view details_member(EventType type);
// True for the events only Weft writes; they are left out of GetExecutionHistory and have id 0.
bool is_internal(EventType type);
bool is_state_entered(EventType type);
bool is_state_exited(EventType type);
// An attempt of a Task that failed or timed out, on its way to the resource or there.
bool is_failed_attempt(EventType type);
// ExecutionSucceeded, ExecutionFailed, ExecutionAborted, ExecutionTimedOut.
bool is_terminal(EventType type);

// A branch of an execution: 0 is the execution itself, others are Parallel branches and Map
// iterations in order of creation.
using ScopeId = uint32_t;

// How a function call went, kept with the outcome event for traces; all 0 for other tasks.
struct InvocationTiming {
  base::UnixMs started_ms = 0;
  int64_t queued_us = 0;  // waiting for a free process
  int64_t init_us = 0;    // cold start; 0 when warm
  int64_t run_us = 0;
  uint32_t sandbox = 0;  // number of the process
  friend bool operator==(const InvocationTiming&, const InvocationTiming&) = default;
};

// One event. Which members are set follows from the type, as in AWS's details objects:
// - text: input (started, entered, scheduled by Lambda), output (succeeded, exited), parameters
//   (TaskScheduled).
// - name: the state's (entered, exited, MapIteration*, EvaluationFailed), the Map Run's ARN
//   (MapRun*), the worker's (ActivityStarted).
// - resource: of Task*, Lambda* and Activity* events; the role's ARN (ExecutionStarted).
// - resource_type: of Task* events; the place in the definition (EvaluationFailed).
// - number: length (MapStateStarted), index (MapIteration*), redriveCount (*Redriven), due time in
//   Unix ms (WeftRetryScheduled, WeftWaitScheduled), Map Run number (MapRunStarted).
// - count: which retrier (WeftRetryScheduled).
struct Event {
  EventType type = EventType::kExecutionStarted;
  uint64_t id = 0;  // 1, 2, 3 ... without gaps; 0 for internal events
  uint64_t previous_id = 0;
  base::UnixMs time_ms = 0;
  ScopeId scope = 0;
  uint32_t state = UINT32_MAX;  // asl::StateId the event belongs to
  base::Text text;
  std::string name;
  std::string resource;
  std::string resource_type;
  std::optional<std::string> error;
  std::optional<std::string> cause;
  std::optional<int64_t> timeout_seconds;
  std::optional<int64_t> heartbeat_seconds;
  int64_t number = 0;
  uint32_t count = 0;
  std::vector<std::pair<std::string, base::Text>>
      variables;                           // Exited: assignedVariables, JSON texts
  std::optional<InvocationTiming> timing;  // outcome events of function calls
};

// The identity of an execution in the store. Top-level executions have run 0 and a sequence number;
// children of a Map Run have the run's number and their ordinal in it.
struct ExecutionKey {
  uint64_t run = 0;
  uint64_t index = 0;
  friend bool operator==(const ExecutionKey&, const ExecutionKey&) = default;
  friend auto operator<=>(const ExecutionKey&, const ExecutionKey&) = default;
};

// What one input did to one execution: the unit of storage. Self-contained bytes once encoded.
struct TurnEvents {
  std::vector<Event> events;
};

}  // namespace weft::history

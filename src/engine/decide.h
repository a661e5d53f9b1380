#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/inspection.h"
#include "engine/state.h"
#include "history/event.h"
#include "json/arena.h"

// The execution state machine: one input in, events and actions out. Pure: time, randomness and ids
// come in by Surroundings. Event order, previousEventId and texts are AWS's (API reference,
// GetExecutionHistory; recordings under tests/recordings).

namespace weft::engine {

// Of an Express execution, whose events are in memory until it ends: payloads, and an event's own
// size for each. AWS has no such limit.
inline constexpr size_t kExpressHistoryBytesMax = 64 * 1024 * 1024;

// Who the execution is, for the context object and ARNs in events. Constant over its life.
struct Identity {
  std::string execution_arn;
  std::string execution_name;
  std::string machine_arn;  // labelled for a child
  std::string machine_name;
  std::string region;
  bool redrivable = true;  // its context object has RedriveCount: all but plain Express executions
};

// ---- inputs
struct Begin {
  base::Text input;
  std::string role_arn;
  bool stopped = false;  // before it could do anything: it begins and is aborted
};
struct Continue {};  // after a turn that yielded
// The job that a .sync task waits for has begun, or its callback is out. The task goes on; said a
// second time, after a crash, it changes nothing.
struct TaskSubmitted {
  ScopeId scope = 0;
  uint32_t task = 0;
  base::Text output;
  std::optional<history::InvocationTiming> timing{};  // of the call that took the token along
};
// A worker asked for work of the activity that the task is of, and is to have this task.
struct ActivityStarted {
  ScopeId scope = 0;
  uint32_t task = 0;
  std::string worker;  // its name; may be ""
};
struct TaskSucceeded {
  ScopeId scope = 0;
  uint32_t task = 0;
  base::Text output;
  std::optional<history::InvocationTiming> timing;
};
struct TaskFailed {
  ScopeId scope = 0;
  uint32_t task = 0;
  std::string error;
  std::string cause;
  std::optional<history::InvocationTiming> timing;
  bool too_large = false;  // it has a result, of more bytes than a state may hold: no error needed
};
struct TaskDeadline {
  ScopeId scope = 0;
  uint32_t task = 0;
  bool heartbeat = false;  // no heartbeat came in time; else the task as a whole took too long
  std::optional<history::InvocationTiming> timing{};  // of a call that has come so far
};
struct WaitOver {  // of a Wait state or a retry delay
  ScopeId scope = 0;
  base::UnixMs due_ms = 0;
};
struct MapRunClosed {
  uint64_t map_run = 0;
  history::ExecutionStatus status = history::ExecutionStatus::kSucceeded;
  base::Text result;  // kSucceeded: the array of child outputs
  std::string error;
  std::string cause;
  uint32_t redrives = 0;  // of the run, when it ended so
};
struct Stop {
  std::optional<std::string> error;
  std::optional<std::string> cause;
};
struct ExecutionDeadline {};
// An execution that ended without success goes on where it stopped (AWS page "Restarting state
// machine executions with redrive"): what succeeded does not run again.
struct Redrive {};

using Input =
    std::variant<Begin, Continue, TaskSubmitted, ActivityStarted, TaskSucceeded, TaskFailed,
                 TaskDeadline, WaitOver, MapRunClosed, Stop, ExecutionDeadline, Redrive>;

// ---- actions: to be performed after the events are durable
struct InvokeTask {
  ScopeId scope = 0;
  uint32_t task = 0;
  asl::StateId state = 0;
  base::Text parameters;  // the Task's evaluated Arguments, or its input
  std::optional<base::UnixMs> deadline_ms;
  int64_t heartbeat_seconds = 0;  // a heartbeat is due within that many; 0: none is
};
struct HandOut {  // to the worker that asked; the heartbeats begin
  ScopeId scope = 0;
  uint32_t task = 0;
  int64_t heartbeat_seconds = 0;
};
struct AwaitAnswer {  // of whoever has the token of a task that is out: of an execution rebuilt
  ScopeId scope = 0;
  uint32_t task = 0;
  std::optional<base::UnixMs> deadline_ms;
  int64_t heartbeat_seconds = 0;  // they begin anew
};
struct CancelTask {
  uint32_t task = 0;
};
struct WakeAt {  // send WaitOver{scope, due_ms} then
  ScopeId scope = 0;
  base::UnixMs due_ms = 0;
  bool timestamp =
      false;  // somebody named that moment: the wall clock tells; else it is a duration
};
struct StartMapRun {
  ScopeId scope = 0;
  uint64_t map_run = 0;
  std::string arn;
  asl::StateId state = 0;
  base::Text configuration;  // JSON; read by maprun::Configuration
};
struct RedriveMapRun {  // its unsuccessful children run again
  ScopeId scope = 0;
  uint64_t map_run = 0;
  uint32_t redrives = 0;  // how many of it there have been, this one included
};
struct StopMapRun {
  uint64_t map_run = 0;
};
struct Yield {};  // send Continue

using Action = std::variant<InvokeTask, HandOut, AwaitAnswer, CancelTask, WakeAt, StartMapRun,
                            RedriveMapRun, StopMapRun, Yield>;

struct Decision {
  std::vector<history::Event> events;
  std::vector<Action> actions;
};

// Hands out Map Run numbers and their ARNs.
class MapRunIds {
 public:
  virtual ~MapRunIds() = default;
  virtual std::pair<uint64_t, std::string> next_map_run(const Identity& identity,
                                                        const std::string& label) = 0;
  // The ARN of one that was handed out before.
  virtual std::string map_run_arn(const std::string& label, uint64_t number) const = 0;
};

// What tasks that are answered by token need.
class TaskTokens {
 public:
  virtual ~TaskTokens() = default;
  // The token of the execution's task with this ordinal; the same whenever it is asked for.
  virtual std::string token(uint32_t task) const = 0;
  virtual bool activity_exists(std::string_view arn) const = 0;
};

struct Surroundings {
  const Identity& identity;
  base::UnixMs now_ms = 0;
  uint64_t random_seed = 0;  // of this turn
  size_t state_data_bytes_max = 0;
  json::Arena& arena;  // scratch of this turn
  MapRunIds& map_run_ids;
  const TaskTokens& task_tokens;
  uint64_t history_events_max = base::kHistoryEventsMax;  // of the whole history; 0: any number
  std::optional<size_t> history_bytes_left;  // kept_bytes() of this turn; absent: any number
  int64_t (*clock)() =
      nullptr;  // steady milliseconds, only to bound the time of one JSONata evaluation
  Inspection* inspection = nullptr;  // of a test of one state (test_state.h), else null
};

// What an event takes in memory, about.
size_t kept_bytes(const history::Event& event);

// Applies `input` to `state` and returns what happened. An input that no longer concerns anything
// (a task that was cancelled, a timer of an earlier visit) yields an empty decision.
Decision decide(ExecutionState& state, const Input& input, const Surroundings& surroundings);

// What must be set in motion again for an execution rebuilt from its events.
std::vector<Action> outstanding(const ExecutionState& state);

}  // namespace weft::engine

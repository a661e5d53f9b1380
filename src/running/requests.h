#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/text.h"
#include "base/time.h"
#include "maprun/map_run.h"
#include "records/records.h"
#include "trace/context.h"

// What a host is asked and what it answers. Plain values.

namespace weft::running {

// How long an Express execution may take. AWS: 5 minutes.
inline constexpr int64_t kExpressMsMax = 300'000;

struct CreateStateMachine {
  std::string name;
  base::Text definition;
  std::string role_arn;
  bool express = false;
  records::LoggingConfiguration logging;
  bool tracing = false;
  records::Tags tags;
};

// What is absent stays.
struct UpdateStateMachine {
  std::string arn;
  std::optional<base::Text> definition;
  std::optional<std::string> role_arn;
  std::optional<records::LoggingConfiguration> logging;
  std::optional<bool> tracing;
};

struct StartExecution {
  std::string machine_arn;
  std::string name;          // "" = a fresh UUID
  base::Text input;          // null = {}
  std::string trace_header;  // X-Ray form
  // From the request's headers; what the input or trace_header carries wins.
  std::optional<trace::Context> trace;
};

// What whoever holds a task token says of its task.
struct TaskSuccess {
  base::Text output;  // JSON
};
struct TaskFailure {
  std::string error;  // both may be ""
  std::string cause;
};
struct TaskHeartbeat {};
using TaskAnswer = std::variant<TaskSuccess, TaskFailure, TaskHeartbeat>;

struct StartedExecution {
  std::string arn;
  base::UnixMs start_ms = 0;
};

// What was discarded because it came too late.
struct LateTelemetry {
  uint64_t spans = 0;
  uint64_t log_lines = 0;
};

// A task that waits for somebody's answer.
struct WaitingTask {
  std::string state_name;
  std::string resource;       // its ARN
  std::string task_token;     // "" of an activity whose work no worker has
  base::UnixMs since_ms = 0;  // when its state was entered
  uint32_t attempt = 0;       // ordinal of the task in its execution
};

// A Map Run as it stands now, for the progress bar and DescribeMapRun.
struct MapRunProgress {
  uint64_t number = 0;
  std::string arn;
  std::string state_name;
  bool reading = false;  // the item source is not exhausted: totals still grow
  history::MapRunCounts items;
  history::MapRunCounts executions;
  uint64_t queued_invocations = 0;
};

// An open execution that does not go on here, and a sentence about what it needs.
struct HeldExecution {
  history::ExecutionKey key;
  std::string arn;
  std::string needs;
};

}  // namespace weft::running

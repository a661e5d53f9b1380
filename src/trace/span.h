#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "history/rows.h"
#include "trace/ids.h"
#include "trace/span_notes.h"

namespace weft::trace {

enum class SpanKind : uint8_t {
  kExecution,  // a top-level execution
  kChild,      // a child workflow execution of a Map Run
  kState,      // one visit of a state; of a Task with one attempt, the attempt as well
  kAttempt,    // one of several attempts of a Task
  kIteration,  // of an inline Map
  kBranch,     // of a Parallel state
  kMapRun,
  kQueue,      // a function call waits for a free process
  kColdStart,  // ... and for a new process to start
  kLambda,     // the function runs
  kWait,       // between an attempt that failed and the next
  kTokenWait,  // for whoever has a task's token, or for a worker that asks for an activity's work
  kInner,      // what a function sent: itself, and what it called
  kGroup,      // children of a Map Run that are alike, counted (child_groups.h)
};
std::string_view to_string(SpanKind kind);

// Whether what ended like this is an error, in every format: FAILED and TIMED_OUT. ABORTED is none:
// somebody wanted it so, or what it was part of had ended; OpenTelemetry leaves the status of what
// was cancelled on purpose unset (semantic conventions, HTTP spans), and AWS counts
// ExecutionsAborted apart from ExecutionsFailed.
bool is_error(history::ExecutionStatus status);

// Something that took time. `status` is an execution's vocabulary at all levels; a Task whose error
// was caught has kFailed and the attribute "error.caught".
struct Span {
  TraceId trace;
  uint64_t span_id = 0;
  uint64_t parent_id = 0;  // 0 = root
  SpanKind kind = SpanKind::kState;
  uint16_t depth = 0;    // below the first span of its execution
  std::string name;      // what people call it: state name, function name, "attempt 2"
  std::string resource;  // what it works on: ARN of the execution or Map Run, "lambda:invoke"
  int64_t start_us = 0;  // Unix epoch
  int64_t duration_us = 0;
  history::ExecutionStatus status = history::ExecutionStatus::kSucceeded;
  std::string error;  // error name
  std::string cause;
  Attributes attributes;
  std::vector<std::pair<std::string, double>> numbers;  // attributes that can be added up
  std::vector<SpanEvent> events;                        // of kInner
  std::vector<SpanLink> links;
  double weight = 1;  // of spans of a sampled child: how many children it stands for

  int64_t end_us() const { return start_us + duration_us; }
  bool failed() const { return is_error(status); }
  // "" when it has none of that name.
  std::string_view attribute(std::string_view key) const;
  // 0 when it has none of that name.
  double number(std::string_view key) const;
};

}  // namespace weft::trace

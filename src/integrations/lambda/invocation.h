#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "integrations/lambda/call_ledger.h"

namespace weft::lambda {

// One call of a function.
struct Invocation {
  // Name, partial ARN (`123456789012:function:name`) or ARN, each with or without `:qualifier`. The
  // qualifier selects nothing; the function sees it in its invoked ARN.
  std::string function;
  // The event, JSON text; delivered byte for byte.
  base::Text payload;
  // Unique among the invocations in flight; the function sees it as its request id (a UUID in AWS's
  // form).
  std::string request_id;
  // JSON for the header Lambda-Runtime-Client-Context; "" = none.
  std::string client_context;
  // `Root=1-...;Parent=...;Sampled=1` for the header Lambda-Runtime-Trace-Id; "" = none.
  std::string trace_header;
  // Calls that wait take turns by group: one of each (call_queue.h). The number of a Map Run; 0 =
  // whatever else is called.
  uint64_t group = 0;
  // Of a call that an earlier process of Weft may have delivered: since when it may have, or before
  // (Unix epoch, ms).
  std::optional<int64_t> again_since_ms;
};

// How far a call has come that waits or is at work. As in InvocationResult, but `started_ms` is 0
// while it waits.
struct InvocationProgress {
  int64_t started_ms = 0;
  int64_t queued_us = 0;
  int64_t init_us = 0;
  int64_t run_us = 0;
  uint32_t sandbox = 0;
};

// How a call ended. Times are durations on the steady clock in microseconds; queued_us + init_us +
// run_us is the time from invoke() to the outcome.
struct InvocationResult {
  enum class Outcome : uint8_t {
    kSucceeded,
    kFunctionError,  // the function threw, its process ended, its answer was unusable
    kTimedOut,       // killed after FunctionConfig.timeout
    kServiceError,   // the call never reached a function: unknown function
  };
  Outcome outcome = Outcome::kServiceError;
  // The answer; for kFunctionError and kTimedOut the error payload as the runtime posted it (or as
  // Weft made it).
  base::Text payload;
  // AWS's Error and Cause of a failed task: `errorType` of the error
  // payload, `Lambda.Unknown` when it names none; and the raw error payload text. Empty when it
  // succeeded.
  std::string error;
  std::string cause;
  // True when the call had to wait for the start of its process.
  bool cold_start = false;
  // When a process received the call (or when it failed without one), ms since the epoch.
  int64_t started_ms = 0;
  // Waiting for a process to become free.
  int64_t queued_us = 0;
  // Waiting for the start of the process (spawn to first request for work); 0 for a warm one.
  int64_t init_us = 0;
  // Delivery to outcome.
  int64_t run_us = 0;
  // Number of the process inside its function, counted from 1 and never used again; 0 when none
  // took the call.
  uint32_t sandbox = 0;
  // What the process printed during the call (lines of stdout and stderr, in order as far as that
  // is known), at most the last 256 KiB, and its last 4 KiB.
  std::string log;
  std::string log_tail;
  // Up to which byte of `log` had been read when (Unix epoch, nanoseconds), both growing; and how
  // many lines before `log` were lost.
  std::vector<std::pair<size_t, int64_t>> log_read_at;
  // Which bytes of `log` came through stderr: from and to, growing.
  std::vector<std::pair<size_t, size_t>> log_stderr;
  uint64_t log_lines_lost = 0;
  // Of a function that must not have a call twice (UnknownOutcome::kFail): as long as this lives
  // the call counts as out. Who stores the outcome keeps it until that is durable.
  CallLedger::Entry out;
};

}  // namespace weft::lambda

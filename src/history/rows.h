#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace weft::history {

enum class ExecutionStatus : uint8_t {
  kRunning,
  kSucceeded,
  kFailed,
  kTimedOut,
  kAborted,
  kPendingRedrive
};

// "RUNNING", "SUCCEEDED" ...; and back (false when `text` is no status).
std::string_view to_string(ExecutionStatus status);
bool parse_status(std::string_view text, ExecutionStatus& status);
// FAILED or TIMED_OUT: the one meaning of "failed". An execution that was ABORTED did what it was
// told; it is counted by its own name.
bool is_failure(ExecutionStatus status);

// A finished child workflow execution as one row of columns: what counts, percentiles, lanes and
// error groups are computed from (docs/internals/architecture.md: a fan-out is columns). Written in
// the same commit as the child's last events.
struct ChildRow {
  uint64_t index = 0;  // ordinal in the Map Run
  base::UnixMs start_ms = 0;
  int64_t duration_us = 0;
  uint32_t lane = 0;  // lowest free slot number when it started
  ExecutionStatus status = ExecutionStatus::kSucceeded;
  uint16_t retries = 0;        // over all its states
  uint32_t error_group = 0;    // fingerprint of error and cause, 0 = no error
  uint32_t cold_start_us = 0;  // sum over its function calls
  uint32_t queue_us = 0;       // waiting for a function process
  uint32_t run_us = 0;         // inside functions
  uint32_t items = 1;
  uint32_t input_bytes = 0;
  uint32_t output_bytes = 0;
  uint32_t turns = 1;    // turn records it wrote
  uint8_t redrives = 0;  // how often it was run again; kRowRedrivesMax stands for more
  uint32_t path = 0;     // the way it took (history::PathSignature), 24 bits; 0 = not known
  friend bool operator==(const ChildRow&, const ChildRow&) = default;
};

inline constexpr uint8_t kRowRedrivesMax = 31;

// Groups failures that are alike: the error name plus the cause with numbers, ids and quoted values
// blanked out. Never 0.
uint32_t error_fingerprint(std::string_view error, std::string_view cause);

}  // namespace weft::history

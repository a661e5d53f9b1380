#pragma once

#include <cstdint>

#include "history/rows.h"

namespace weft::history {

// How many items, or child workflow executions, of a Map Run stand where: the members of AWS's
// MapRunItemCounts and MapRunExecutionCounts. Invariant: total = pending +
// running + pending_redrive + those that ended.
struct MapRunCounts {
  uint64_t pending = 0;
  uint64_t running = 0;
  uint64_t succeeded = 0;
  uint64_t failed = 0;
  uint64_t timed_out = 0;
  uint64_t aborted = 0;
  uint64_t total = 0;
  uint64_t results_written = 0;
  uint64_t failures_not_redrivable = 0;  // of the failed, timed out and aborted ones
  uint64_t pending_redrive = 0;          // unsuccessful before, and about to run again

  uint64_t finished() const { return succeeded + failed + timed_out + aborted; }
  bool adds_up() const { return total == pending + running + pending_redrive + finished(); }
  // The count of those that ended so; of `failed` for a status that is no end.
  uint64_t& ended(ExecutionStatus status) {
    switch (status) {
      case ExecutionStatus::kSucceeded:
        return succeeded;
      case ExecutionStatus::kTimedOut:
        return timed_out;
      case ExecutionStatus::kAborted:
        return aborted;
      default:
        return failed;
    }
  }
};

}  // namespace weft::history

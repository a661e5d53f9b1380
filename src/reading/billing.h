#pragma once

#include <algorithm>
#include <cstdint>

#include "reading/query.h"

namespace weft::reading {

// What AWS would bill an Express execution for: `billingDetails` of StartSyncExecution.
struct Billing {
  int64_t memory_mb = 0;
  int64_t duration_ms = 0;
};

// Duration in whole steps of 100 ms, at least one, as recorded. Memory in steps of 64 MB, of which
// nothing here is measured: the first step, which all recorded executions have.
inline Billing billing_of(const ExecutionView& execution) {
  constexpr int64_t kMemoryStepMb = 64;
  constexpr int64_t kStepMs = 100;
  const int64_t took_ms = std::max<int64_t>(1, execution.stop_ms - execution.start_ms);
  return {.memory_mb = kMemoryStepMb, .duration_ms = (took_ms + kStepMs - 1) / kStepMs * kStepMs};
}

}  // namespace weft::reading

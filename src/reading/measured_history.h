#pragma once

#include <limits>
#include <string>

#include "base/error.h"
#include "columns/execution_metrics.h"
#include "reading/query.h"

namespace weft::reading {

// Which part of what is stored to measure.
struct MeasuredRange {
  base::UnixMs from_ms = std::numeric_limits<base::UnixMs>::min();
  base::UnixMs to_ms = std::numeric_limits<base::UnixMs>::max();  // excluded
  std::string machine;                                            // name; "" = all
};

// The metrics of stored executions and children, out of every event of the range; what a running
// host would have counted. Reads all turns of the executions that ran in the range.
// kStateMachineDoesNotExist: neither the machine nor an execution of it is known.
base::Result<columns::ExecutionMetrics> measure_history(const Query& query,
                                                        const MeasuredRange& range);

}  // namespace weft::reading

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "columns/execution_metrics.h"
#include "metrics/registry.h"
#include "reading/query.h"
#include "sync/mutex.h"

namespace weft::reading {

// Which part of what is stored to measure.
struct MeasuredRange {
  base::UnixMs from_ms = std::numeric_limits<base::UnixMs>::min();
  base::UnixMs to_ms = std::numeric_limits<base::UnixMs>::max();  // excluded
  std::string machine;                                            // name; "" = all
};

// What the children of Map Runs that are over came to: a million of them are read once, not once a
// question. The newest kRunsMax that were asked for. Thread-safe.
class MeasuredRuns {
 public:
  static constexpr size_t kRunsMax = 64;

  struct Run {
    uint64_t number = 0;
    uint64_t revision = 0;  // of its record
    metrics::Registry registry;
    std::vector<history::ExecutionKey> fanned_out;  // its children that have Map Runs themselves
  };
  // Nothing when it is not there, or was measured before its rows changed.
  std::shared_ptr<const Run> find(const records::MapRunRecord& run);
  void keep(std::shared_ptr<const Run> run);

 private:
  sync::Mutex mutex_;
  std::list<std::shared_ptr<const Run>> runs_ WEFT_GUARDED_BY(mutex_);  // newest first
};

// The metrics of stored executions and children, out of every event of the range; what a running
// host would have counted. Reads all turns of the executions that ran in the range, but for those
// of Map Runs in `kept`, which gets those that it lacks.
// kStateMachineDoesNotExist: neither the machine nor an execution of it is known.
base::Result<metrics::Registry> measure_history(const Query& query, const MeasuredRange& range,
                                                MeasuredRuns* kept = nullptr);

}  // namespace weft::reading

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "metrics/percentile.h"
#include "reading/query.h"
#include "trace/redact.h"

// What a run came to: the numbers that `weft run` ends with, as text and as JSON.

namespace weft::reading {

// Failed children that are alike (columns::ErrorGroup), as one of them tells it.
struct ErrorExample {
  uint64_t count = 0;
  std::string error;  // of the example
  std::string cause;
  std::string example_arn;
};

struct SlowChild {
  std::string arn;
  history::ExecutionStatus status = history::ExecutionStatus::kSucceeded;
  int64_t duration_us = 0;
};

// What one Map Run came to.
struct MapRunSummary {
  records::MapRunRecord run;
  uint64_t children = 0;             // finished
  metrics::Percentiles duration_us;  // of finished children
  metrics::Percentiles queue_us;     // waiting for a function process
  uint64_t cold_starts = 0;          // children that waited for the start of a process
  int64_t cold_start_us = 0;         // together
  uint64_t retries = 0;
  uint64_t error_groups_total = 0;
  std::vector<ErrorExample> error_groups;  // the largest, at most 5
  std::vector<SlowChild> slowest;          // at most 5
  std::vector<uint64_t> finished;  // children finished in each of equal parts of the run's time
};

// What became of what functions sent and printed while this process ran.
struct TelemetrySummary {
  uint64_t spans = 0;
  uint64_t spans_after_end = 0;  // of them: sent after the execution had ended
  uint64_t spans_dropped = 0;    // the store was behind
  uint64_t spans_unknown = 0;    // of nothing that ran here
  uint64_t spans_late = 0;       // their child had ended and kept no detail
  uint64_t log_lines = 0;
  uint64_t log_lines_cut = 0;  // beyond the bytes of their call
  uint64_t log_lines_dropped = 0;
  uint64_t log_lines_unknown = 0;
  uint64_t log_lines_late = 0;
  uint64_t functions_killed = 0;  // processes that did not end in their time at the end
};

// What `weft run` tells at the end.
struct RunSummary {
  std::optional<TelemetrySummary> telemetry;  // nothing when nothing ran
  ExecutionView execution;
  uint64_t cold_starts = 0;  // in the execution's own function calls
  std::vector<MapRunSummary> map_runs;
};

// Reads the summary of a top-level execution out of the store: one scan over the rows of its Map
// Runs. Output, errors and causes are whole, as `payloads` shows them.
base::Result<RunSummary> summarize(const Query& query, std::string_view execution_arn,
                                   const trace::Redactor& payloads = {});

}  // namespace weft::reading

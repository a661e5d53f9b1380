#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "history/rows.h"
#include "metrics/percentile.h"

// A Map Run's children as one: everything about the group comes from all rows, nothing is sampled.

namespace weft::trace {

// One slice of the group's time.
struct StripBucket {
  double running = 0;  // children at work, averaged over the bucket
  uint32_t started = 0;
  uint32_t finished = 0;  // ended well or badly
  uint32_t failed = 0;    // ended as FAILED, TIMED_OUT or ABORTED
};

// Where the time of some children went, summed, in microseconds.
struct TimeSplit {
  uint64_t children = 0;
  int64_t queue_us = 0;
  int64_t cold_us = 0;
  int64_t run_us = 0;
  int64_t retry_us =
      0;  // what the others leave, in children with retries: mostly waits before them
  int64_t other_us = 0;  // in children without: waits, the engine
  int64_t total_us() const { return queue_us + cold_us + run_us + retry_us + other_us; }
};

struct ErrorGroup {
  uint32_t fingerprint = 0;
  uint64_t count = 0;
  history::ChildRow exemplar;  // the first that failed so
};

struct ChildGroup {
  uint64_t count = 0;                   // finished children
  std::array<uint64_t, 6> by_status{};  // index: history::ExecutionStatus
  uint64_t failed = 0;                  // FAILED, TIMED_OUT and ABORTED
  uint64_t items = 0;
  uint64_t retries = 0;
  uint64_t cold_starts = 0;  // children with at least one
  metrics::Percentiles duration_us;
  int64_t start_us = 0;                    // first start, Unix epoch
  int64_t end_us = 0;                      // last end
  uint32_t lanes = 0;                      // most children at once
  std::vector<StripBucket> strip;          // from start_us to end_us in equal parts
  std::vector<history::ChildRow> slowest;  // longest first
  std::vector<ErrorGroup> errors;          // most frequent first
  TimeSplit all;
  TimeSplit tail;  // children slower than p95
};

struct GroupOptions {
  size_t buckets = 60;
  size_t slowest = 5;
  // The strip's range in Unix us; 0 = from the rows.
  int64_t start_us = 0;
  int64_t end_us = 0;
};

// One pass or two over the rows; 1,000,000 rows take some tens of milliseconds.
ChildGroup group_children(std::span<const history::ChildRow> rows, const GroupOptions& options);

}  // namespace weft::trace

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "columns/columns.h"
#include "columns/together.h"
#include "metrics/percentile.h"

namespace weft::columns {

// Where the time of some children went, summed, in microseconds.
struct TimeSplit {
  uint64_t children = 0;
  int64_t queue = 0;
  int64_t cold = 0;
  int64_t run = 0;
  int64_t retry_wait = 0;  // what nothing else explains, in children with retries
  int64_t other = 0;       // the same in those without
  int64_t total() const { return queue + cold + run + retry_wait + other; }
  friend bool operator==(const TimeSplit&, const TimeSplit&) = default;
};
TimeSplit split_time(const Columns& columns, RowSpan rows);
// The rows slower than `limit_us`: with the p95 of all, the tail.
Rows slower_than(const Columns& columns, RowSpan rows, int64_t limit_us);

struct Summary {
  uint64_t count = 0;
  std::array<uint64_t, 6> by_status{};  // index: history::ExecutionStatus
  uint64_t failed = 0;                  // FAILED and TIMED_OUT
  uint64_t items = 0;
  uint64_t items_failed = 0;  // of failed children
  uint64_t retries = 0;
  uint64_t cold_starts = 0;  // children with one
  metrics::Percentiles duration;
  metrics::Percentiles queue;
  Range range;
  uint32_t lanes = 0;  // most children at once
};
// Exact.
Summary summarize(const Columns& columns, RowSpan rows, Together* together = nullptr);

// How many children were in functions at once, at nine of ten moments in which any was: of those
// that call a function and do little else, the processes at work. (Rows know when a child begins
// and how long it waits, not when it is called: where one call follows another the most there ever
// were is more than there were.)
uint32_t at_work_at_once(const Columns& columns, RowSpan rows);

// Rows that ended in (now - window, now], a second: how fast it goes. Both from origin.
double end_rate(const Columns& columns, RowSpan rows, int64_t now, int64_t window);

}  // namespace weft::columns

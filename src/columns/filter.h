#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "columns/columns.h"

// The language in which children are chosen. A filter is a list of conditions that must all hold:
//
//   status:failed,timed_out   one of these states
//   err:1234,5678             one of these error groups
//   dur:>1500ms  dur:100ms..2s  queue:>1s  cold:yes  cold:>200ms
//   end:0..60s  start:0..60s  from the start of the Map Run; a bare number is microseconds
//   retry:>0  batch:>1  size:>1000  lane:0..99  index:17
//   key:2024/                 the item's key begins with this path segment
//
// Numbers take N, >N, >=N, <N, <=N and A..B (both included); durations us, ms, s, m and h.

namespace weft::columns {

enum class Field : uint8_t {
  kStatus,
  kError,
  kDuration,
  kQueue,
  kCold,
  kStart,
  kEnd,
  kRetry,
  kBatch,
  kSize,
  kLane,
  kIndex,
  kKey
};

struct Condition {
  Field field = Field::kStatus;
  std::vector<uint32_t> values;  // kStatus, kError: any of these
  int64_t from = 0;              // all others but kKey: both ends included
  int64_t to = 0;
  std::string text;  // kKey
  friend bool operator==(const Condition&, const Condition&) = default;
};

using Filter = std::vector<Condition>;

// One condition. kInvalidArgument names the condition, the column of the fault and what was
// expected there.
base::Result<Condition> parse_condition(std::string_view text);
// Conditions one a line or separated by blanks; the error of several lines also names
// the line.
base::Result<Filter> parse_filter(std::string_view text);

// The rows of which all conditions hold, in order.
Rows select(const Columns& columns, const Filter& filter);

}  // namespace weft::columns

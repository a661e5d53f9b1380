#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "columns/columns.h"
#include "metrics/percentile.h"

namespace weft::columns {

// What children can be put together by.
enum class GroupBy : uint8_t {
  kStatus,
  kError,   // the error group; children that did not fail are left out
  kCold,    // whether there was a cold start
  kKey,     // what the item's key begins with, to a depth
  kLane,    // what ran one after the other
  kRetry,   // number of retries
  kBatch,   // number of items
  kMinute,  // in which it started, from the start of the Map Run
  kProperty,
};
struct Grouping {
  GroupBy by = GroupBy::kStatus;
  size_t depth = 1;                     // kKey: path segments
  std::string property;                 // kProperty: its name in Columns::properties
  Grouping(GroupBy what) : by(what) {}  // NOLINT: a grouping is mostly this
  friend bool operator==(const Grouping&, const Grouping&) = default;
};
// "status", "error", "cold", "key" ("key/3": three path segments), "lane", "retry", "batch",
// "minute", "input.PATH", "span.ATTRIBUTE", "function"; kInvalidArgument otherwise.
base::Result<Grouping> parse_group_by(std::string_view text);

// The children with one value: their count, their failures, and how long they took.
struct RowGroup {
  uint64_t value = 0;  // history::ExecutionStatus, fingerprint, 0 or 1, number of the prefix, ...
  uint64_t count = 0;
  uint64_t failed = 0;
  int64_t total = 0;  // durations, microseconds
  metrics::Percentiles duration;
  uint32_t slowest = 0;  // row
  friend bool operator==(const RowGroup&, const RowGroup&) = default;
};

// By value, ascending. Exact. kKey and kProperty need their columns; without them all rows are one
// group. A row with several values is in the group of each.
std::vector<RowGroup> group_rows(const Columns& columns, RowSpan rows, const Grouping& grouping);

// The value as people read it; of kError the fingerprint only.
std::string value_text(const Columns& columns, const Grouping& grouping, uint64_t value);

// What groups can be ordered by.
enum class GroupSort : uint8_t { kCount, kFailed, kP50, kP95, kP99, kMax, kTotal, kValue };
struct GroupOrder {
  GroupSort by = GroupSort::kCount;
  bool descending = true;
};
// "count", "failed", "p50", "p95", "p99", "max", "total" (largest first unless ":asc" follows) or
// "value" (smallest first unless ":desc" follows). kInvalidArgument otherwise.
base::Result<GroupOrder> parse_group_order(std::string_view text);

// The positions of `groups` in `order`; ties stay in their order.
std::vector<size_t> ordered(const std::vector<RowGroup>& groups, GroupOrder order);

}  // namespace weft::columns

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "columns/columns.h"

namespace weft::columns {

enum class SortBy : uint8_t { kDuration, kStart, kEnd, kQueue, kRetries, kSize, kIndex };

struct Order {
  SortBy by = SortBy::kDuration;
  bool descending = true;
};
// "dur:desc", "start", "end:asc", "queue", "retry", "size", "index". kInvalidArgument otherwise.
base::Result<Order> parse_order(std::string_view text);

// The value a row is ordered by.
int64_t sort_value(const Columns& columns, uint32_t row, SortBy by);

// Where a page ended: the next begins after this value and index.
struct Cursor {
  int64_t value = 0;
  uint64_t index = 0;
};

// The first `limit` rows in `order` (ties by index, ascending) that come after `after`.
Rows sorted_page(const Columns& columns, RowSpan rows, Order order, size_t limit,
                 std::optional<Cursor> after);

// The `limit` longest, longest first.
Rows slowest(const Columns& columns, RowSpan rows, size_t limit);

}  // namespace weft::columns

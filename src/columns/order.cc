#include "columns/order.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace weft::columns {
namespace {

constexpr std::array<std::pair<std::string_view, SortBy>, 7> kOrders = {{
    {"dur", SortBy::kDuration},
    {"start", SortBy::kStart},
    {"end", SortBy::kEnd},
    {"queue", SortBy::kQueue},
    {"retry", SortBy::kRetries},
    {"size", SortBy::kSize},
    {"index", SortBy::kIndex},
}};

}  // namespace

base::Result<Order> parse_order(std::string_view text) {
  const size_t colon = std::min(text.find(':'), text.size());
  const auto found = std::ranges::find(kOrders, text.substr(0, colon),
                                       &std::pair<std::string_view, SortBy>::first);
  const std::string_view direction = text.substr(colon);
  const bool known = direction.empty() || direction == ":asc" || direction == ":desc";
  if (found == kOrders.end() || !known) {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("sort \"{}\": expected dur, start, end, queue, retry, size or index, and then "
                    "\":asc\" or \":desc\"",
                    text));
  }
  return Order{found->second, direction == ":desc"};
}

int64_t sort_value(const Columns& columns, uint32_t row, SortBy by) {
  switch (by) {
    case SortBy::kDuration:
      return columns.duration[row];
    case SortBy::kStart:
      return columns.start[row];
    case SortBy::kEnd:
      return columns.end(row);
    case SortBy::kQueue:
      return columns.queue[row];
    case SortBy::kRetries:
      return columns.retries[row];
    case SortBy::kSize:
      return columns.input_bytes[row];
    case SortBy::kIndex:
      return static_cast<int64_t>(columns.index[row]);
  }
  return 0;
}

Rows sorted_page(const Columns& columns, const Rows& rows, Order order, size_t limit,
                 std::optional<Cursor> after) {
  const auto key = [&](uint32_t row) {
    const int64_t value = sort_value(columns, row, order.by);
    return std::pair{order.descending ? -value : value, columns.index[row]};
  };
  Rows candidates;
  if (after) {
    const std::pair from{order.descending ? -after->value : after->value, after->index};
    std::ranges::copy_if(rows, std::back_inserter(candidates),
                         [&](uint32_t row) { return key(row) > from; });
  } else {
    candidates = rows;
  }
  const size_t count = std::min(limit, candidates.size());
  std::ranges::partial_sort(candidates, candidates.begin() + static_cast<std::ptrdiff_t>(count), {},
                            key);
  candidates.resize(count);
  return candidates;
}

Rows slowest(const Columns& columns, const Rows& rows, size_t limit) {
  return sorted_page(columns, rows, {SortBy::kDuration, true}, limit, std::nullopt);
}

}  // namespace weft::columns

#include "columns/order.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "columns/batches.h"

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

// sort_value() of the rows of a batch.
template <typename T>
void read_as(const Packed<T>& column, const Batch& batch, Values<int64_t>& out) {
  Values<T> values;
  batch.read(column, values);
  for (size_t i = 0; i < batch.size(); ++i) out[i] = static_cast<int64_t>(values[i]);
}
void read_sort_values(const Columns& columns, const Batch& batch, SortBy by, Values<int64_t>& out) {
  switch (by) {
    case SortBy::kDuration:
      return batch.read(columns.duration, out);
    case SortBy::kStart:
      return batch.read(columns.start, out);
    case SortBy::kEnd: {
      Times times;
      times.read(columns, batch);
      out = times.end;
      return;
    }
    case SortBy::kQueue:
      return read_as(columns.queue, batch, out);
    case SortBy::kRetries:
      return read_as(columns.retries, batch, out);
    case SortBy::kSize:
      return read_as(columns.input_bytes, batch, out);
    case SortBy::kIndex:
      return read_as(columns.index, batch, out);
  }
}

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

Rows sorted_page(const Columns& columns, RowSpan rows, Order order, size_t limit,
                 std::optional<Cursor> after) {
  using Key = std::pair<int64_t, uint64_t>;
  const auto signed_value = [&](int64_t value) { return order.descending ? -value : value; };
  std::optional<Key> from;
  if (after) from = Key{signed_value(after->value), after->index};
  // A heap of the first ones so far, the last of them on top.
  std::vector<std::pair<Key, uint32_t>> first;
  if (limit == 0) return {};
  Values<int64_t> values;
  each_batch(rows, [&](const Batch& batch) {
    read_sort_values(columns, batch, order.by, values);
    for (size_t i = 0; i < batch.size(); ++i) {
      const int64_t value = signed_value(values[i]);
      // Most rows are out of the page by this alone.
      if (first.size() == limit && value > first.front().first.first) continue;
      if (from && value < from->first) continue;
      const uint32_t row = batch.row(i);
      const std::pair<Key, uint32_t> one{Key{value, columns.index[row]}, row};
      if (from && one.first <= *from) continue;
      if (first.size() < limit) {
        first.push_back(one);
        std::ranges::push_heap(first);
      } else if (one < first.front()) {
        std::ranges::pop_heap(first);
        first.back() = one;
        std::ranges::push_heap(first);
      }
    }
  });
  std::ranges::sort_heap(first);
  Rows page;
  for (const auto& [unused, row] : first) page.push_back(row);
  return page;
}

Rows slowest(const Columns& columns, RowSpan rows, size_t limit) {
  return sorted_page(columns, rows, {SortBy::kDuration, true}, limit, std::nullopt);
}

}  // namespace weft::columns

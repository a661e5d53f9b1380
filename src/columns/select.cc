#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>

#include "columns/batches.h"
#include "columns/filter.h"

namespace weft::columns {
namespace {

// 1 for the rows of a batch that are still chosen, else 0.
using Mask = Values<uint8_t>;

// One condition, ready to be asked of many rows.
struct Chooser {
  std::function<void(const Batch&, Mask&)> narrow;
  // What the column holds in the rows [from, to), which are a whole block; where it is known and
  // has nothing in common with [least, most], no row of the block is chosen.
  std::function<Bounds<int64_t>(size_t from, size_t to)> bounds{};
  int64_t least = 0;
  int64_t most = 0;

  bool chooses_none(size_t from, size_t to) const {
    if (!bounds) return false;
    const Bounds<int64_t> found = bounds(from, to);
    return found.least <= found.most && (found.most < least || found.least > most);
  }
};

template <typename T>
auto bounds_of(const Packed<T>& column) {
  return [&column](size_t from, size_t to) {
    const Bounds<T> found = column.bounds(from, to);
    return Bounds<int64_t>{static_cast<int64_t>(found.least), static_cast<int64_t>(found.most)};
  };
}

template <typename T>
Chooser in_range(const Packed<T>& column, const Condition& one) {
  return {.narrow =
              [&column, from = one.from, to = one.to](const Batch& batch, Mask& mask) {
                Values<T> values;
                batch.read(column, values);
                for (size_t i = 0; i < batch.size(); ++i) {
                  const auto value = static_cast<int64_t>(values[i]);
                  mask[i] &= static_cast<uint8_t>(value >= from) & (value <= to);
                }
              },
          .bounds = bounds_of(column),
          .least = one.from,
          .most = one.to};
}

template <typename T>
Chooser any_of(const Packed<T>& column, const std::vector<uint32_t>& wanted) {
  Chooser chooser{.narrow = [&column, wanted](const Batch& batch, Mask& mask) {
    Values<T> values;
    batch.read(column, values);
    for (size_t i = 0; i < batch.size(); ++i) {
      const auto value = static_cast<uint32_t>(values[i]);
      uint8_t found = 0;
      for (const uint32_t one : wanted) found |= static_cast<uint8_t>(value == one);
      mask[i] &= found;
    }
  }};
  if (wanted.empty()) return chooser;
  chooser.bounds = bounds_of(column);
  chooser.least = *std::ranges::min_element(wanted);
  chooser.most = *std::ranges::max_element(wanted);
  return chooser;
}

Chooser ends_in(const Columns& columns, const Condition& one) {
  return {.narrow = [&columns, from = one.from, to = one.to](const Batch& batch, Mask& mask) {
    Times times;
    times.read(columns, batch);
    for (size_t i = 0; i < batch.size(); ++i)
      mask[i] &= static_cast<uint8_t>(times.end[i] >= from) & (times.end[i] <= to);
  }};
}

// Whether a row has one of the values that `wanted` says 1 of; `else_holds` is asked of the others.
template <typename ElseHolds>
Chooser has_text(const TextColumn& column, std::vector<uint8_t> wanted,
                 const ElseHolds& else_holds) {
  return {
      .narrow = [&column, wanted = std::move(wanted), else_holds](const Batch& batch, Mask& mask) {
        Values<uint32_t> numbers;
        batch.read(column.number, numbers);
        for (size_t i = 0; i < batch.size(); ++i) {
          if (mask[i] == 0 || wanted.data()[numbers[i]] != 0) continue;
          const uint32_t row = batch.row(i);
          const bool further = std::ranges::any_of(column.further_of(row),
                                                   [&](uint32_t one) { return wanted[one] != 0; });
          if (!further && !else_holds(row)) mask[i] = 0;
        }
      }};
}

Chooser none() {
  return {.narrow = [](const Batch& batch, Mask& mask) {
    std::fill_n(mask.at, batch.size(), uint8_t{0});
  }};
}

Chooser by_key(const Columns& columns, const Condition& one) {
  const TextColumn& folders = columns.folder;
  if (folders.number.size() != columns.size()) return none();
  const std::string segments = segments_of(one.text);
  std::vector<uint8_t> wanted(folders.values.size());
  for (uint32_t i = 0; i < wanted.size(); ++i)
    wanted[i] = folders.values.text(i).starts_with(segments) ? 1 : 0;
  return has_text(folders, std::move(wanted),
                  [&columns, whole = hash_of_key(one.text)](uint32_t row) {
                    return columns.has_key(row, whole);
                  });
}

bool holds(const Condition& condition, std::string_view value) {
  if (condition.prefix) return value.starts_with(condition.text) && !value.empty();
  if (!condition.numeric) return value == condition.text;
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() && end == value.data() + value.size() &&
         number >= static_cast<double>(condition.from) &&
         (condition.to == std::numeric_limits<int64_t>::max() ||
          number <= static_cast<double>(condition.to));
}

Chooser by_property(const Columns& columns, const Condition& one) {
  const auto found = columns.properties.find(one.property);
  if (found == columns.properties.end() || found->second.number.size() != columns.size())
    return none();
  const TextColumn& column = found->second;
  std::vector<uint8_t> wanted(column.values.size());
  for (uint32_t i = 0; i < wanted.size(); ++i)
    wanted[i] = holds(one, column.values.text(i)) ? 1 : 0;
  return has_text(column, std::move(wanted), [](uint32_t) { return false; });
}

Chooser chooser_of(const Columns& columns, const Condition& one) {
  switch (one.field) {
    case Field::kStatus:
      return any_of(columns.status, one.values);
    case Field::kError:
      return any_of(columns.error_group, one.values);
    case Field::kDuration:
      return in_range(columns.duration, one);
    case Field::kQueue:
      return in_range(columns.queue, one);
    case Field::kRun:
      return in_range(columns.run, one);
    case Field::kCold:
      return in_range(columns.cold, one);
    case Field::kStart:
      return in_range(columns.start, one);
    case Field::kEnd:
      return ends_in(columns, one);
    case Field::kRetry:
      return in_range(columns.retries, one);
    case Field::kBatch:
      return in_range(columns.items, one);
    case Field::kSize:
      return in_range(columns.input_bytes, one);
    case Field::kLane:
      return in_range(columns.lane, one);
    case Field::kIndex:
      return in_range(columns.index, one);
    case Field::kKey:
      return by_key(columns, one);
    case Field::kProperty:
      return by_property(columns, one);
  }
  return none();
}

}  // namespace

Rows select(const Columns& columns, const Filter& filter) {
  constexpr size_t kBlock = Packed<uint32_t>::kBlock;
  std::vector<Chooser> choosers;
  for (const Condition& one : filter) choosers.push_back(chooser_of(columns, one));
  Rows rows;
  Mask mask;
  for (size_t from = 0; from < columns.size(); from += kBlock) {
    const size_t to = std::min(columns.size(), from + kBlock);
    const bool whole = to - from == kBlock;
    if (whole && std::ranges::any_of(choosers, [&](const Chooser& chooser) {
          return chooser.chooses_none(from, to);
        })) {
      continue;
    }
    each_batch(all_rows(columns), from, to, [&](const Batch& batch) {
      std::fill_n(mask.at, batch.size(), uint8_t{1});
      for (const Chooser& chooser : choosers) {
        chooser.narrow(batch, mask);
        if (std::find(mask.at, mask.at + batch.size(), uint8_t{1}) == mask.at + batch.size())
          return;
      }
      const size_t before = rows.size();
      rows.resize(before + batch.size());
      uint32_t* out = rows.data() + before;
      for (size_t i = 0; i < batch.size(); ++i) {
        *out = batch.row(i);
        out += mask[i];
      }
      rows.resize(static_cast<size_t>(out - rows.data()));
    });
  }
  return rows;
}

}  // namespace weft::columns

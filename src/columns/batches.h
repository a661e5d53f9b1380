#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "columns/columns.h"

// How a question goes over its rows: a thousand at a time, of which it reads the columns that it
// needs into arrays, and then works on these. Where the question is about all rows or about those
// of a list makes no difference to it.

namespace weft::columns {

// Room for what a column holds of one batch. Unchecked: this is the innermost of every loop.
template <typename T>
struct Values {
  T at[1'024];  // NOLINT: see above
  T operator[](size_t i) const { return at[i]; }
  T& operator[](size_t i) { return at[i]; }
};

// Some of the rows of a question, in their order.
class Batch {
 public:
  static constexpr size_t kRows = 1'024;  // at most

  Batch(const uint32_t* list, size_t first, size_t size)
      : list_(list), first_(first), size_(size) {}

  size_t size() const { return size_; }
  size_t first() const { return first_; }  // its place among the rows of the question
  uint32_t row(size_t i) const {
    return list_ != nullptr ? list_[first_ + i] : static_cast<uint32_t>(first_ + i);
  }
  template <typename T>
  void read(const Packed<T>& column, Values<T>& out) const {
    if (list_ == nullptr) {
      column.read(first_, size_, out.at);
    } else {
      for (size_t i = 0; i < size_; ++i) out[i] = column[list_[first_ + i]];
    }
  }

 private:
  const uint32_t* list_;  // null: all rows
  size_t first_;
  size_t size_;
};

// Calls `each` with the rows at [from, to) of `rows`, batch by batch.
template <typename Each>
void each_batch(RowSpan rows, size_t from, size_t to, const Each& each) {
  for (size_t first = from; first < to; first += Batch::kRows)
    each(Batch(rows.list(), first, std::min(Batch::kRows, to - first)));
}
template <typename Each>
void each_batch(RowSpan rows, const Each& each) {
  each_batch(rows, 0, rows.size(), each);
}

// Calls `take` with the value of `column` in every row.
template <typename T, typename Take>
void each_value(const Packed<T>& column, RowSpan rows, const Take& take) {
  Values<T> values;
  each_batch(rows, [&](const Batch& batch) {
    batch.read(column, values);
    for (size_t i = 0; i < batch.size(); ++i) take(values[i]);
  });
}

// When the rows of a batch begin, how long they take and when they end.
struct Times {
  Values<int64_t> start;
  Values<int64_t> duration;
  Values<int64_t> end;
  void read(const Columns& columns, const Batch& batch) {
    batch.read(columns.start, start);
    batch.read(columns.duration, duration);
    for (size_t i = 0; i < batch.size(); ++i) end[i] = start[i] + duration[i];
  }
};

// Which rows of a batch failed: Columns::failed() without a call for each.
class Failed {
 public:
  Failed() {
    for (size_t status = 0; status < kStatuses; ++status)
      fails_[status] = history::is_failure(static_cast<history::ExecutionStatus>(status));
  }
  void read(const Columns& columns, const Batch& batch) { batch.read(columns.status, status_); }
  bool operator[](size_t i) const { return fails_[static_cast<size_t>(status_[i])]; }
  history::ExecutionStatus status(size_t i) const { return status_[i]; }

 private:
  static constexpr size_t kStatuses = 256;
  bool fails_[kStatuses];  // NOLINT: as Values
  Values<history::ExecutionStatus> status_;
};

}  // namespace weft::columns

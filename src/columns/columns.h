#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "columns/packed.h"
#include "history/rows.h"

// The children of one Map Run as columns: every question about the run is a scan over a few of
// them. Times are microseconds; the ones called `start` and `end` count from `origin_us`, the start
// of the Map Run.

namespace weft::columns {

// Positions of rows in the columns: what a filter chose, in order of completion.
using Rows = std::vector<uint32_t>;

// The rows that a question is about: those of a list, which lives elsewhere, or all, for which a
// list would take as much as a column.
class RowSpan {
 public:
  RowSpan() = default;
  RowSpan(const Rows& list) : list_(list.data()), size_(list.size()) {}  // NOLINT: it is that list
  static RowSpan all(size_t rows) {
    RowSpan span;
    span.size_ = rows;
    return span;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  uint32_t operator[](size_t at) const {
    return list_ != nullptr ? list_[at] : static_cast<uint32_t>(at);
  }
  const uint32_t* list() const { return list_; }  // null: all

  class Iterator {
   public:
    using value_type = uint32_t;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const uint32_t* list, size_t at) : list_(list), at_(at) {}
    uint32_t operator*() const {
      return list_ != nullptr ? list_[at_] : static_cast<uint32_t>(at_);
    }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++at_;
      return old;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    const uint32_t* list_ = nullptr;
    size_t at_ = 0;
  };
  Iterator begin() const { return {list_, 0}; }
  Iterator end() const { return {list_, size_}; }

 private:
  const uint32_t* list_ = nullptr;  // null: all
  size_t size_ = 0;
};

// What belongs to `row` of values that stand row after row and end at `end`; nothing without ends.
template <typename T>
std::span<const T> part_of_row(const std::vector<T>& values, const std::vector<uint32_t>& end,
                               uint32_t row) {
  if (end.empty()) return {};
  const uint32_t from = row == 0 ? 0 : end[row - 1];
  return std::span(values).subspan(from, end[row] - from);
}

// The values of a text column, numbered in order of first appearance.
class Dictionary {
 public:
  // The number of `text`; the last number stands for everything beyond `limit` different texts.
  uint32_t number(std::string_view text);
  std::string_view text(uint32_t number) const { return texts_[number]; }
  size_t size() const { return texts_.size(); }

  static constexpr size_t kLimit = 10'000;
  static constexpr std::string_view kOther = "(other)";

 private:
  std::vector<std::string> texts_;
  std::unordered_map<std::string, uint32_t> numbers_;
};

// A property with texts as values: for each row the numbers of those of `values` that it has, each
// once. A child with a batch has one of each item, a child with two tasks calls two functions.
struct TextColumn {
  Packed<uint32_t> number;            // the first one of each row
  std::vector<uint32_t> further;      // the others, row after row
  std::vector<uint32_t> further_end;  // where those of each row end; empty when no row has any
  Dictionary values;

  std::string_view text(uint32_t row) const { return values.text(number[row]); }
  std::span<const uint32_t> further_of(uint32_t row) const {
    return part_of_row(further, further_end, row);
  }
  size_t bytes() const { return number.bytes() + (further.size() + further_end.size()) * 4; }
};

// Structure of arrays, about 35 bytes a child with its key; all columns have size() entries but
// those of keys, which are empty until somebody asks for them (reading/run_columns.h). A plain
// value.
struct Columns {
  int64_t origin_us = 0;  // Unix epoch

  Packed<uint64_t> index;
  Packed<int64_t> start;
  Packed<int64_t> duration;
  Packed<uint32_t> lane;
  Packed<history::ExecutionStatus> status;
  Packed<uint16_t> retries;
  Packed<uint32_t> error_group;
  Packed<uint32_t> cold;   // cold starts
  Packed<uint32_t> queue;  // waiting for a function process
  Packed<uint32_t> run;    // inside functions
  Packed<uint32_t> items;
  Packed<uint32_t> input_bytes;
  Packed<uint32_t> output_bytes;
  TextColumn folder;  // of the items' keys: all up to the last "/", with it
  // hash_of_key() of the whole keys: of the first item of each row, then as in TextColumn.
  Packed<uint64_t> key_hash;
  std::vector<uint64_t> further_key_hash;
  std::vector<uint32_t> further_key_end;
  // What was asked for by name: "input.customer.region", "span.http.status", "function".
  std::map<std::string, TextColumn, std::less<>> properties;

  size_t size() const { return index.size(); }
  int64_t end(uint32_t row) const { return start[row] + duration[row]; }
  bool failed(uint32_t row) const;
  bool has_key(uint32_t row, uint64_t hash) const;
  // What neither functions, their queue nor their start explain: waits between retries, the engine.
  int64_t other(uint32_t row) const;
  void append(const history::ChildRow& row);
  size_t bytes() const;  // about
};

RowSpan all_rows(const Columns& columns);

// What an item's key, or the folder of one, begins with: up to its `depth`-th "/" with it, or to
// its last one; "" for a key without one.
std::string_view key_prefix(std::string_view key, size_t depth = 1);
// All up to the last "/", with it.
std::string_view folder_of(std::string_view key);
// 48 bits: two of ten million keys have the same one once in six runs, a key that is looked for has
// that of another once in twenty million times.
uint64_t hash_of_key(std::string_view key);

// A range of time, [from, to), from origin.
struct Range {
  int64_t from = 0;
  int64_t to = 0;
  friend bool operator==(const Range&, const Range&) = default;
};
// From the first start to just after the last end of the rows; {0, 1} for none.
Range extent(const Columns& columns, RowSpan rows);

}  // namespace weft::columns

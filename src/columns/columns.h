#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "history/rows.h"

// The children of one Map Run as columns: every question about the run is a scan over a few of
// them. Times are microseconds; the ones called `start` and `end` count from `origin_us`, the start
// of the Map Run.

namespace weft::columns {

// Positions of rows in the columns: what a filter chose, in order of completion.
using Rows = std::vector<uint32_t>;

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

// A property with texts as values: a number of `values` for each row.
struct TextColumn {
  std::vector<uint32_t> number;
  Dictionary values;

  std::string_view text(uint32_t row) const { return values.text(number[row]); }
};

// Structure of arrays; all columns have size() entries but those of keys, which are empty until
// somebody asks for them (reading/run_columns.h). A plain value.
struct Columns {
  int64_t origin_us = 0;  // Unix epoch

  std::vector<uint64_t> index;
  std::vector<int64_t> start;
  std::vector<int64_t> duration;
  std::vector<uint32_t> lane;
  std::vector<history::ExecutionStatus> status;
  std::vector<uint16_t> retries;
  std::vector<uint32_t> error_group;
  std::vector<uint32_t> cold;   // cold starts
  std::vector<uint32_t> queue;  // waiting for a function process
  std::vector<uint32_t> run;    // inside functions
  std::vector<uint32_t> items;
  std::vector<uint32_t> input_bytes;
  std::vector<uint32_t> output_bytes;
  TextColumn folder;               // of the item's key: all up to its last "/", with it
  std::vector<uint32_t> key_hash;  // hash_of_key() of the whole key
  // What was asked for by name: "input.customer.region", "span.http.status", "function".
  std::map<std::string, TextColumn, std::less<>> properties;

  size_t size() const { return index.size(); }
  int64_t end(uint32_t row) const { return start[row] + duration[row]; }
  bool failed(uint32_t row) const;
  // What neither functions, their queue nor their start explain: waits between retries, the engine.
  int64_t other(uint32_t row) const;
  void append(const history::ChildRow& row);
  void reserve(size_t rows);
  size_t bytes() const;  // about
};

// All rows.
Rows all_rows(const Columns& columns);

// What an item's key, or the folder of one, begins with: up to its `depth`-th "/" with it, or to
// its last one; "" for a key without one.
std::string_view key_prefix(std::string_view key, size_t depth = 1);
// All up to the last "/", with it.
std::string_view folder_of(std::string_view key);
uint32_t hash_of_key(std::string_view key);

// A range of time, [from, to), from origin.
struct Range {
  int64_t from = 0;
  int64_t to = 0;
  friend bool operator==(const Range&, const Range&) = default;
};
// From the first start to just after the last end of the rows; {0, 1} for none.
Range extent(const Columns& columns, const Rows& rows);

}  // namespace weft::columns

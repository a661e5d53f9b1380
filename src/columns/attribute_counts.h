#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "columns/batches.h"
#include "columns/filter.h"
#include "columns/together.h"

// What children have in common with others: attributes, and how many have each of their values.

namespace weft::columns {

// An attribute gives every row a small number; equal numbers are the same value.
struct Attribute {
  std::string name;
  std::optional<Field> field;  // the filter that would select by it
  std::function<void(const Batch&, Values<uint32_t>&)> numbers;
  std::function<std::string(uint32_t number)> text;
  std::function<std::string(uint32_t number)> filter;  // may be empty
  const TextColumn* column = nullptr;                  // a row may have further values
};
// Those of `columns`, which outlive them.
std::vector<Attribute> attributes(const Columns& columns);

// How many of some rows have each value of each attribute, and each folder of items' keys. Whoever
// compares several selections with the same rows counts these once. A plain value.
class AttributeCounts {
 public:
  // Nothing counted. `attributes` and `columns` are the same for all that is asked of it.
  explicit AttributeCounts(size_t attributes = 0) : by_attribute_(attributes) {}

  void add(const Columns& columns, const std::vector<Attribute>& attributes, RowSpan rows);
  // The rows at [from, to) of `rows`.
  void add(const Columns& columns, const std::vector<Attribute>& attributes, RowSpan rows,
           size_t from, size_t to);
  // What was counted of other rows.
  void add(const AttributeCounts& others);

  uint64_t rows() const { return rows_; }
  // By number; numbers beyond the end have none.
  const std::vector<uint64_t>& of(size_t attribute) const { return by_attribute_[attribute]; }
  uint64_t of(size_t attribute, uint32_t number) const {
    const std::vector<uint64_t>& counts = by_attribute_[attribute];
    return number < counts.size() ? counts[number] : 0;
  }
  // Rows that have a key with this prefix, for every prefix that ends at a "/". Nothing where the
  // columns do not hold the keys.
  std::map<std::string_view, uint64_t> prefixes(const Columns& columns) const;

 private:
  void add_folders(const Columns& columns, const Batch& batch);

  uint64_t rows_ = 0;
  std::vector<std::vector<uint64_t>> by_attribute_;
  std::vector<uint64_t> folders_;                         // rows with one folder, by its number
  std::map<std::string, uint64_t, std::less<>> several_;  // prefixes of rows with several
};

// Of all rows.
AttributeCounts count_attributes(const Columns& columns, Together* together = nullptr);

}  // namespace weft::columns

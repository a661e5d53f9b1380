#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weft::cloudwatch {

// Takes CSV apart, row by row, in one pass (RFC 4180: quoted fields may hold commas, newlines and
// doubled quotes). Nothing is an error: a quote that is not closed ends with the text. Refers to
// the text.
class CsvRows {
 public:
  explicit CsvRows(std::string_view text) : text_(text) {}

  // The fields of the next row; false at the end. Empty rows have one empty field.
  bool next(std::vector<std::string>& fields);
  // The line the last row began in, from 1.
  size_t line() const { return row_line_; }

 private:
  std::string take_field();

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
  size_t row_line_ = 1;
};

}  // namespace weft::cloudwatch

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

// Internal to src/jsonpath.

namespace weft::jsonpath {

// A decimal number of any size, as Java's BigDecimal has it: filters compare numbers so, whatever
// their spelling. Cheap where the number fits 64 bits or a double names it uniquely.
class Decimal {
 public:
  // Reads digits with a sign, a point and an exponent, without blanks; nothing when that is no
  // number of Java's.
  static std::optional<Decimal> read(std::string_view text);
  // The number `value`, which must be one.
  static Decimal of(const json::Value& value);

  // Below zero, zero or above zero, as this is less than, equal to or greater than `other`.
  int compare(const Decimal& other) const;

 private:
  int compare_digits(const Decimal& other) const;
  // Fills `digits_` from `double_` or `integer_`.
  Decimal with_digits() const;
  void set_digits(std::string_view whole, std::string_view fraction, int64_t exponent);

  enum class Form : uint8_t { kInteger, kDouble, kDigits };
  Form form_ = Form::kInteger;
  bool negative_ = false;  // kDigits
  int64_t integer_ = 0;    // kInteger
  double double_ = 0;      // kDouble, and kDigits when `short_` is set
  bool short_ = false;     // kDigits: at most 15 digits, so doubles compare as decimals do
  std::string digits_;     // kDigits: without zeros at either end; empty: zero
  int64_t point_ = 0;      // kDigits: the value is 0.digits_ * 10^point_
};

}  // namespace weft::jsonpath

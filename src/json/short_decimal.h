#pragma once

#include <cmath>
#include <cstdint>

namespace weft::json {

// A number written as digits / 10^decimals, the way prices and measures are: at most 15 digits,
// without zeros at the end.
struct ShortDecimal {
  int64_t digits = 0;  // with the number's sign
  int decimals = 0;
};

inline constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                          1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                          1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Finds the ShortDecimal that reads as exactly `number`; false when it takes more than 15 digits or
// six decimals. Whole digits and powers of ten are exact and a division rounds once, so equality
// here is equality of the decimal text's value; and 15 digits name a double uniquely, so no other
// text of as few digits means this number.
inline bool to_short_decimal(double number, ShortDecimal& out) {
  for (int decimals = 0; decimals <= 6; ++decimals) {
    const double scaled = number * kPowersOfTen[decimals];
    if (!(std::fabs(scaled) < 1e15)) return false;
    const auto digits = static_cast<int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    if (static_cast<double>(digits) / kPowersOfTen[decimals] == number) {
      out = {digits, decimals};
      return true;
    }
  }
  return false;
}

}  // namespace weft::json

#include "jsonata/rounding.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "json/short_decimal.h"

namespace weft::jsonata {

namespace {

// number * 10^digits through its decimal text, so that no binary error enters.
double shift(double number, int digits) {
  json::ShortDecimal decimal;
  if (std::abs(digits) <= 15 && json::to_short_decimal(number, decimal)) {
    // One exact operation on whole numbers, or one that rounds as reading a text does.
    const int exponent = digits - decimal.decimals;
    const auto whole = static_cast<double>(decimal.digits);
    if (exponent <= 0) return whole / json::kPowersOfTen[-exponent];
    const double product = whole * json::kPowersOfTen[exponent];
    if (std::fabs(product) < 9007199254740992.0) return product;
  }
  char text[64];
  auto [end, error] =
      std::to_chars(text, text + sizeof(text), number, std::chars_format::scientific);
  *end = '\0';
  char* e = std::find(text, end, 'e');
  const int exponent = std::atoi(e + 1) + digits;
  end = std::to_chars(e + 1, text + sizeof(text), exponent).ptr;
  double result = 0;
  if (std::from_chars(text, end, result).ec == std::errc::result_out_of_range)
    result = exponent > 0 ? std::copysign(HUGE_VAL, number) : std::copysign(0.0, number);
  return result;
}

}  // namespace

double round_half_even(double number, int digits) {
  if (!std::isfinite(number)) return number;
  digits = std::clamp(digits, -1000, 1000);
  if (digits != 0) number = shift(number, digits);
  double result = number;
  // Whole numbers stay: adding a half to one beyond 2^52 would change it.
  if (std::trunc(number) != number) {
    result = std::floor(number + 0.5);
    const double difference = result - number;
    if (std::fabs(difference) == 0.5 && std::fabs(std::fmod(result, 2)) == 1) result -= 1;
  }
  if (digits != 0) result = shift(result, -digits);
  return result == 0 ? 0 : result;
}

}  // namespace weft::jsonata

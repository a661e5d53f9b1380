#include <charconv>
#include <cmath>

#include "json/short_decimal.h"
#include "json/write.h"

namespace weft::json {

namespace {

// Writes a number of few decimals: its digits with the point put in.
void write_short_decimal(const ShortDecimal& number, std::string& out) {
  char text[24];
  const auto [end, error] =
      std::to_chars(text, text + sizeof(text), number.digits < 0 ? -number.digits : number.digits);
  const auto count = static_cast<int>(end - text);
  if (number.digits < 0) out += '-';
  const int whole = count - number.decimals;
  if (whole > 0) {
    out.append(text, static_cast<size_t>(whole));
  } else {
    out += '0';
  }
  out += '.';
  if (whole < 0) out.append(static_cast<size_t>(-whole), '0');
  out.append(whole > 0 ? text + whole : text, end);
}

}  // namespace

void write_number(double number, std::string& out) {
  char buffer[40];
  if (std::isnan(number) || std::isinf(number)) {
    out += "null";
    return;
  }
  if (std::trunc(number) == number && std::fabs(number) < 9007199254740992.0) {
    const auto [end, error] =
        std::to_chars(buffer, buffer + sizeof(buffer), static_cast<int64_t>(number));
    out.append(buffer, end);
    return;
  }
  ShortDecimal decimal;
  if (to_short_decimal(number, decimal) && decimal.decimals > 0) {
    write_short_decimal(decimal, out);
    return;
  }
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<size_t>(end - buffer));
  if (text.front() == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  const size_t e = text.find('e');
  int exponent = 0;
  const char* exponent_start = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_start, text.data() + text.size(), exponent);
  char digits[24];
  int count = 0;
  for (size_t i = 0; i < e; ++i) {
    if (text[i] != '.') digits[count++] = text[i];
  }
  // The layout of ECMAScript's Number::toString: `point` digits stand before the decimal point.
  const int point = exponent + 1;
  if (point > 21 || point < -5) {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out.append(digits + 1, static_cast<size_t>(count - 1));
    }
    out += point > 0 ? "e+" : "e-";
    out += std::to_string(std::abs(exponent));
  } else if (point <= 0) {
    out += "0.";
    out.append(static_cast<size_t>(-point), '0');
    out.append(digits, static_cast<size_t>(count));
  } else if (point >= count) {
    out.append(digits, static_cast<size_t>(count));
    out.append(static_cast<size_t>(point - count), '0');
  } else {
    out.append(digits, static_cast<size_t>(point));
    out += '.';
    out.append(digits + point, static_cast<size_t>(count - point));
  }
}

}  // namespace weft::json

#include <charconv>
#include <cmath>

#include "json/write.h"

namespace weft::json {

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

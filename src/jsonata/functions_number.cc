// $number $abs $floor $ceil $round $power $sqrt $random $formatBase
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "base/ascii.h"
#include "json/write.h"
#include "jsonata/library.h"
#include "jsonata/rounding.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

using base::is_digit;

// `-?digits(.digits)?([eE][+-]?digits)?`
bool is_decimal_text(std::string_view text) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t start = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > start;
  };
  if (!text.empty() && text[0] == '-') ++at;
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

int radix_of_prefix(std::string_view text) {
  if (text.size() < 3 || text[0] != '0') return 0;
  switch (text[1] | 0x20) {
    case 'x':
      return 16;
    case 'o':
      return 8;
    case 'b':
      return 2;
    default:
      return 0;
  }
}

bool parse_prefixed(std::string_view text, int radix, double& number) {
  number = 0;
  for (const char c : text.substr(2)) {
    const int digit = base::hex_value(c);
    if (digit < 0 || digit >= radix) return false;
    number = number * radix + digit;
  }
  return true;
}

Value number_of(Context& context, const Arguments& a) {
  const Value& value = a[0];
  if (value.is_undefined() || value.is_number()) return value;
  if (value.is_bool()) return Value::number(value.as_bool() ? 1 : 0);
  const std::string_view text = value.as_string();
  if (is_decimal_text(text)) {
    const double number = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isfinite(number)) return Value::number(number);
    return context.fail_value("D3030", value);
  }
  double number = 0;
  const int radix = radix_of_prefix(text);
  if (radix != 0 && parse_prefixed(text, radix, number)) return Value::number(number);
  return context.fail_value("D3030", value);
}

Value power(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const double result = a[1].is_undefined() ? NAN : std::pow(a[0].as_double(), a[1].as_double());
  if (std::isfinite(result)) return Value::number(result);
  context.fail_value("D3061", a[0]);
  context.failure.exponent = a[1];
  return {};
}

Value square_root(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (a[0].as_double() < 0) return context.fail_value("D3060", a[0]);
  return Value::number(std::sqrt(a[0].as_double()));
}

Value round(Context&, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (!a[1].is_undefined() && !a[1].is_integral()) return Value::number(NAN);
  return Value::number(
      round_half_even(a[0].as_double(), a[1].is_undefined() ? 0 : static_cast<int>(a[1].as_int())));
}

// Digits of a whole number in a radix; fractions never reach here.
std::string in_radix(double number, int radix) {
  const bool negative = number < 0;
  number = std::fabs(number);
  std::string out;
  do {
    const auto digit = static_cast<int>(std::fmod(number, radix));
    out += "0123456789abcdefghijklmnopqrstuvwxyz"[digit];
    number = std::trunc(number / radix);
  } while (number > 0);
  if (negative) out += '-';
  std::reverse(out.begin(), out.end());
  return out;
}

Value format_base(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const double value = round_half_even(a[0].as_double(), 0);
  const double radix = a[1].is_undefined() ? 10 : round_half_even(a[1].as_double(), 0);
  if (!(radix >= 2 && radix <= 36)) return context.fail_value("D3100", Value::number(radix));
  // JavaScript writes large numbers with an exponent in radix 10 only.
  std::string text;
  if (radix == 10) {
    json::write_number(value, text);
  } else {
    text = in_radix(value, static_cast<int>(radix));
  }
  return make_string(context, text);
}

template <double (*kOperation)(double)>
Value simple(Context&, const Arguments& a) {
  return a[0].is_undefined() ? Value() : Value::number(kOperation(a[0].as_double()));
}

constexpr LibraryEntry kNumberEntries[] = {
    {"number", "<(nsb)-:n>", 1, number_of},
    {"abs", "<n-:n>", 1, simple<std::fabs>},
    {"floor", "<n-:n>", 1, simple<std::floor>},
    {"ceil", "<n-:n>", 1, simple<std::ceil>},
    {"round", "<n-n?:n>", 2, round},
    {"power", "<n-n:n>", 2, power},
    {"sqrt", "<n-:n>", 1, square_root},
    {"formatBase", "<n-n?:s>", 2, format_base},
};

}  // namespace

std::span<const LibraryEntry> number_functions() { return kNumberEntries; }

}  // namespace weft::jsonata

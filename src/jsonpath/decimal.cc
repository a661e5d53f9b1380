#include "jsonpath/decimal.h"

#include <charconv>
#include <cmath>

#include "json/exact.h"
#include "json/write.h"
#include "jsonpath/java_digits.h"

namespace weft::jsonpath {

namespace {

size_t digits_at(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return end - at;
}

int sign(bool negative) { return negative ? -1 : 1; }

template <typename T>
int order(T a, T b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Digits a double always keeps: two decimals of so few are different doubles.
constexpr size_t kExactDigits = 15;

}  // namespace

std::optional<Decimal> Decimal::read(std::string_view spelled) {
  const std::string text_owner = with_ascii_digits(spelled);
  const std::string_view text = text_owner;
  Decimal result;
  const char* end = text.data() + text.size();
  size_t at = 0;
  result.negative_ = text.starts_with('-');
  if (text.starts_with('-') || text.starts_with('+')) ++at;
  const std::string_view whole = text.substr(at, digits_at(text, at));
  at += whole.size();
  if (at == text.size() && !whole.empty() &&
      std::from_chars(whole.data(), end, result.integer_).ec == std::errc()) {
    if (result.negative_) result.integer_ = -result.integer_;
    return result;
  }
  std::string_view fraction;
  if (at < text.size() && text[at] == '.') {
    fraction = text.substr(at + 1, digits_at(text, at + 1));
    at += 1 + fraction.size();
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  int32_t exponent = 0;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    ++at;
    if (at < text.size() && text[at] == '+') ++at;
    const auto [stop, error] = std::from_chars(text.data() + at, end, exponent);
    if (error != std::errc() || stop != end || (text[at - 1] == '+' && text[at] == '-'))
      return std::nullopt;
  }
  result.set_digits(whole, fraction, exponent);
  return result;
}

void Decimal::set_digits(std::string_view whole, std::string_view fraction, int64_t exponent) {
  form_ = Form::kDigits;
  digits_ = std::string(whole) + std::string(fraction);
  point_ = static_cast<int64_t>(whole.size()) + exponent;
  const size_t first = digits_.find_first_not_of('0');
  if (first == std::string::npos) {
    digits_.clear();
    point_ = 0;
    negative_ = false;
  } else {
    digits_ = digits_.substr(first, digits_.find_last_not_of('0') + 1 - first);
    point_ -= static_cast<int64_t>(first);
  }
  short_ = digits_.size() <= kExactDigits && std::abs(point_) < 300;
  if (!short_) return;
  const std::string spelled =
      "0." + (digits_.empty() ? "0" : digits_) + "e" + std::to_string(point_);
  std::from_chars(spelled.data(), spelled.data() + spelled.size(), double_);
  if (negative_) double_ = -double_;
}

Decimal Decimal::of(const json::Value& value) {
  Decimal result;
  if (value.is_exact_int()) {
    result.integer_ = value.as_int();
  } else if (std::string_view digits = json::long_integer_digits(value); !digits.empty()) {
    result.negative_ = digits.starts_with('-');
    digits.remove_prefix(result.negative_ ? 1 : 0);
    result.set_digits(digits, "", 0);
  } else {
    result.form_ = Form::kDouble;
    result.double_ = value.as_double();
  }
  return result;
}

Decimal Decimal::with_digits() const {
  if (form_ == Form::kDigits) return *this;
  std::string text;
  if (form_ == Form::kInteger) {
    text = std::to_string(integer_);
  } else {
    json::write_number(double_, text);
  }
  Decimal result;
  result.negative_ = text.starts_with('-');
  const size_t start = result.negative_ ? 1 : 0;
  const size_t e = std::min(text.find('e'), text.size());
  const size_t dot = std::min(text.find('.'), e);
  int32_t exponent = 0;
  if (e < text.size()) {
    const size_t digits = e + (text[e + 1] == '+' ? 2 : 1);
    std::from_chars(text.data() + digits, text.data() + text.size(), exponent);
  }
  const std::string_view all = text;
  result.set_digits(all.substr(start, dot - start),
                    dot < e ? all.substr(dot + 1, e - dot - 1) : std::string_view(), exponent);
  return result;
}

int Decimal::compare(const Decimal& other) const {
  if (form_ == Form::kInteger && other.form_ == Form::kInteger)
    return order(integer_, other.integer_);
  if (form_ == Form::kDouble && other.form_ == Form::kDouble) return order(double_, other.double_);
  if (form_ == Form::kDouble && other.short_) return order(double_, other.double_);
  if (other.form_ == Form::kDouble && short_) return order(double_, other.double_);
  return with_digits().compare_digits(other.with_digits());
}

int Decimal::compare_digits(const Decimal& other) const {
  if (digits_.empty() || other.digits_.empty()) {
    if (digits_.empty() && other.digits_.empty()) return 0;
    return digits_.empty() ? -sign(other.negative_) : sign(negative_);
  }
  if (negative_ != other.negative_) return sign(negative_);
  if (point_ != other.point_) return order(point_, other.point_) * sign(negative_);
  return order(std::string_view(digits_), std::string_view(other.digits_)) * sign(negative_);
}

}  // namespace weft::jsonpath

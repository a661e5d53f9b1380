#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/ascii.h"
#include "definitions/yaml.h"

namespace weft::definitions {
namespace {

using base::is_digit;

using Words = std::array<std::string_view, 3>;
constexpr std::array<Words, 3> kTrue = {
    {{"true", "True", "TRUE"}, {"yes", "Yes", "YES"}, {"on", "On", "ON"}}};
constexpr std::array<Words, 3> kFalse = {
    {{"false", "False", "FALSE"}, {"no", "No", "NO"}, {"off", "Off", "OFF"}}};

bool is_one_of(const std::array<Words, 3>& all, std::string_view text) {
  return std::ranges::any_of(
      all, [&](const Words& words) { return std::ranges::find(words, text) != words.end(); });
}

std::string without_underscores(std::string_view text) {
  std::string out(text);
  std::erase(out, '_');
  return out;
}

// A whole number of YAML 1.1 (decimal, 0b, 0x, octal after a 0) as JSON text.
std::optional<std::string> whole_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  int base = 10;
  if (text.starts_with("0b")) base = 2;
  if (text.starts_with("0x")) base = 16;
  if (base != 10) {
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  const std::string digits = without_underscores(text);
  const auto is_of_base = [base](char c) {
    if (base == 16) return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    return c >= '0' && c < '0' + base;
  };
  if (digits.empty() || !std::ranges::all_of(digits, is_of_base)) return std::nullopt;
  const std::string sign = negative ? "-" : "";
  if (base == 10) return sign + digits;
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc()) return std::nullopt;
  return value == 0 ? "0" : fmt::format("{}{}", sign, value);
}

// A number with a point or an exponent as JSON text: JSON wants digits on both sides of the point.
std::optional<std::string> broken_number(std::string_view text) {
  std::string out;
  if (text.starts_with('-')) out = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::string number = without_underscores(text);
  size_t at = 0;
  const auto digits = [&] {
    const size_t from = at;
    while (at < number.size() && is_digit(number[at])) ++at;
    return number.substr(from, at - from);
  };
  std::string whole = digits();
  if (text.empty() || text[0] == '_') return std::nullopt;
  std::string fraction;
  const bool point = at < number.size() && number[at] == '.';
  if (point) {
    ++at;
    fraction = digits();
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  out += (whole.empty() ? "0" : whole) + (fraction.empty() ? "" : "." + fraction);
  if (at < number.size() && (number[at] | 0x20) == 'e') {
    out += 'e';
    ++at;
    if (at < number.size() && (number[at] == '-' || number[at] == '+')) out += number[at++];
    const std::string exponent = digits();
    if (exponent.empty()) return std::nullopt;
    out += exponent;
  } else if (!point) {
    return std::nullopt;
  }
  return at == number.size() ? std::optional(out) : std::nullopt;
}

}  // namespace

Node plain_scalar(std::string_view text, const Origin& origin) {
  Node node{.kind = Node::Kind::kString, .text = std::string(text), .origin = origin};
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    node.kind = Node::Kind::kNull;
  } else if (const bool yes = is_one_of(kTrue, text); yes || is_one_of(kFalse, text)) {
    node.kind = Node::Kind::kBool;
    node.text = yes ? "true" : "false";
  } else if (auto number = whole_number(text)) {
    node.kind = Node::Kind::kNumber;
    node.text = std::move(*number);
  } else if (auto broken = broken_number(text)) {
    node.kind = Node::Kind::kNumber;
    node.text = std::move(*broken);
  }
  return node;
}

}  // namespace weft::definitions

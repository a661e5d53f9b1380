#include "definitions/parameters.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <regex>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::definitions {
namespace {

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

// The number that a property of the parameter is.
std::optional<double> limit_of(const Node& declared, std::string_view name) {
  return number_of(scalar_text(declared.find(name)));
}

std::string why_not_among(const Node& allowed, const std::string& value) {
  std::vector<std::string> all;
  for (const Node& one : allowed.items) all.push_back(scalar_text(&one));
  if (std::ranges::find(all, value) != all.end()) return {};
  return fmt::format("must be one of {} (AllowedValues)", fmt::join(all, ", "));
}

std::string why_not_matching(const std::string& pattern, const std::string& value) {
  constexpr size_t kLengthMax = 4'096;  // of a value: it is matched by recursion
  if (value.size() > kLengthMax) return {};
  try {
    if (std::regex_match(value, std::regex(pattern))) return {};
  } catch (const std::regex_error&) {
    return {};  // one of Java's that is none here
  }
  return fmt::format("must match {} (AllowedPattern)", pattern);
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

std::string why_beyond(const Node& declared, std::string_view least, std::string_view most,
                       double value, std::string_view what) {
  if (const auto limit = limit_of(declared, least); limit && value < *limit)
    return fmt::format("must have {} {} or more ({})", what, *limit, least);
  if (const auto limit = limit_of(declared, most); limit && value > *limit)
    return fmt::format("must have {} {} or less ({})", what, *limit, most);
  return {};
}

}  // namespace

std::string why_not_allowed(const Node& declared, const std::string& value) {
  if (const Node* allowed = declared.find("AllowedValues"); allowed && allowed->is_array()) {
    if (std::string why = why_not_among(*allowed, value); !why.empty()) return why;
  }
  const std::string type = scalar_text(declared.find("Type"));
  if (type == "Number" || type == "List<Number>") {
    const auto number = number_of(value);
    if (!number) return "must be a number";
    return why_beyond(declared, "MinValue", "MaxValue", *number, "the value");
  }
  if (const std::string pattern = scalar_text(declared.find("AllowedPattern")); !pattern.empty()) {
    if (std::string why = why_not_matching(pattern, value); !why.empty()) return why;
  }
  return why_beyond(declared, "MinLength", "MaxLength", static_cast<double>(characters(value)),
                    "the length");
}

}  // namespace weft::definitions

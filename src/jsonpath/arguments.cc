#include "jsonpath/arguments.h"

#include <cmath>

#include <fmt/format.h>

#include "json/exact.h"
#include "jsonpath/limits.h"

namespace weft::jsonpath {

namespace {

constexpr size_t kShownBytes = 1'000;

// Takes the bytes of `value` from `left`; false when there are not enough.
bool take_bytes(const json::Value& value, int depth, size_t& left) {
  const auto take = [&left](size_t bytes) {
    if (bytes > left) return false;
    left -= bytes;
    return true;
  };
  if (depth > kWalkDepthMax) return false;
  if (value.is_string()) return take(value.as_string().size() + 2);
  if (!value.is_container()) return take(1);
  if (!take(2)) return false;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value.is_object() && !take(value.key(i).size() + 3)) return false;
    if (!take(1)) return false;
    if (!take_bytes(value.is_array() ? value.item(i) : value.member(i), depth + 1, left))
      return false;
  }
  return true;
}

}  // namespace

bool fits_text(const json::Value& value, size_t bytes_max) {
  return take_bytes(value, 0, bytes_max);
}

Refusal refuse(size_t place, std::string_view wanted, const json::Value& value) {
  const std::string shown = fits_text(value, kShownBytes)
                                ? json::to_exact_text(value)
                                : "a value of more than " + std::to_string(kShownBytes) + " bytes";
  return Refusal(fmt::format("Argument {} must be {}, but was: {}", place + 1, wanted, shown));
}

std::expected<std::string_view, std::string> string_argument(std::span<const json::Value> arguments,
                                                             size_t place) {
  if (arguments[place].is_string()) return arguments[place].as_string();
  return refuse(place, "a string", arguments[place]);
}

std::expected<json::Value, std::string> array_argument(std::span<const json::Value> arguments,
                                                       size_t place) {
  if (arguments[place].is_array()) return arguments[place];
  return refuse(place, "an array", arguments[place]);
}

std::expected<int64_t, std::string> integer_argument(std::span<const json::Value> arguments,
                                                     size_t place) {
  const json::Value& value = arguments[place];
  const double rounded = std::floor(value.as_double() + 0.5);
  if (value.is_number() && rounded >= INT32_MIN && rounded <= INT32_MAX)
    return static_cast<int64_t>(rounded);
  return refuse(place, "a number between -2147483648 and 2147483647", value);
}

}  // namespace weft::jsonpath

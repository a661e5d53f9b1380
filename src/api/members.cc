#include "api/members.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::api {
namespace {

// Characters as AWS counts them: UTF-16 units.
size_t utf16_length(std::string_view text) {
  size_t units = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xC0) == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

}  // namespace

std::string_view Members::required(std::string_view name, size_t length_max) {
  if (is_missing(name)) return {};
  return optional(name, length_max).value_or(std::string_view());
}

std::optional<std::string_view> Members::optional(std::string_view name, size_t length_max,
                                                  size_t length_min) {
  const json::Value value = body_.find(name);
  if (value.is_undefined() || value.is_null()) return std::nullopt;
  if (!value.is_string()) {
    wrong_type(name, "a string");
    return std::nullopt;
  }
  check_length(name, value.as_string(), length_min, length_max);
  return value.as_string();
}

std::optional<std::string_view> Members::one_of(std::string_view name,
                                                std::initializer_list<std::string_view> values) {
  const auto value = optional(name, SIZE_MAX, 0);
  if (value && std::ranges::find(values, *value) == values.end()) {
    reject(name, *value,
           fmt::format("Member must satisfy enum value set: [{}]", fmt::join(values, ", ")));
  }
  return value;
}

int64_t Members::whole(std::string_view name, int64_t max) {
  const json::Value value = body_.find(name);
  if (value.is_undefined() || value.is_null()) return 0;
  if (!value.is_integral()) {
    wrong_type(name, "a whole number");
    return 0;
  }
  const int64_t number = value.as_int();
  if (number > max) {
    reject(name, fmt::to_string(number),
           fmt::format("Member must have value less than or equal to {}", max));
  } else if (number < 0) {
    reject(name, fmt::to_string(number), "Member must have value greater than or equal to 0");
  }
  return number;
}

std::optional<int64_t> Members::optional_whole(std::string_view name, int64_t max) {
  const json::Value value = body_.find(name);
  if (value.is_undefined() || value.is_null()) return std::nullopt;
  return whole(name, max);
}

std::optional<double> Members::optional_real(std::string_view name, double min, double max) {
  const json::Value value = body_.find(name);
  if (value.is_undefined() || value.is_null()) return std::nullopt;
  if (!value.is_number()) {
    wrong_type(name, "a number");
    return std::nullopt;
  }
  const double number = value.as_double();
  if (number > max) {
    reject(name, fmt::to_string(number),
           fmt::format("Member must have value less than or equal to {}", max));
  } else if (number < min) {
    reject(name, fmt::to_string(number),
           fmt::format("Member must have value greater than or equal to {}", min));
  }
  return number;
}

bool Members::flag(std::string_view name, bool when_absent) {
  const json::Value value = body_.find(name);
  if (value.is_undefined() || value.is_null()) return when_absent;
  if (!value.is_bool()) wrong_type(name, "true or false");
  return value.as_bool();
}

json::Value Members::object(std::string_view name) {
  const json::Value value = body_.find(name);
  if (value.is_undefined() || value.is_null()) return {};
  if (!value.is_object()) wrong_type(name, "an object");
  return value;
}

json::Value Members::required_array(std::string_view name) {
  return is_missing(name) ? json::Value() : array(name);
}

json::Value Members::array(std::string_view name) {
  const json::Value value = body_.find(name);
  if (value.is_undefined() || value.is_null()) return {};
  if (value.is_array()) return value;
  wrong_type(name, "an array");
  return {};
}

bool Members::is_missing(std::string_view name) {
  const json::Value value = body_.find(name);
  if (!value.is_undefined() && !value.is_null()) return false;
  findings_.push_back(fmt::format(
      "Value null at '{}' failed to satisfy constraint: Member must not be null", name));
  return true;
}

base::Result<void> Members::check() const {
  if (!wrong_type_.empty()) return base::fail(base::ErrorCode::kSerialization, wrong_type_);
  if (findings_.empty()) return {};
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("{} validation error{} detected: {}", findings_.size(),
                                findings_.size() == 1 ? "" : "s", fmt::join(findings_, "; ")));
}

void Members::reject(std::string_view name, std::string_view value, std::string_view constraint) {
  findings_.push_back(
      fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", value, name, constraint));
}

void Members::check_length(std::string_view name, std::string_view value, size_t min, size_t max) {
  const size_t length = utf16_length(value);
  if (length > max) {
    reject(name, value, fmt::format("Member must have length less than or equal to {}", max));
  } else if (length < min) {
    reject(name, value, fmt::format("Member must have length greater than or equal to {}", min));
  }
}

void Members::wrong_type(std::string_view name, std::string_view expected) {
  if (wrong_type_.empty()) {
    wrong_type_ = fmt::format("The member '{}' of the request must be {}", name, expected);
  }
}

}  // namespace weft::api

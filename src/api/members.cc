#include "api/members.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "json/utf8.h"

namespace weft::api {
namespace {

// Whether AWS's answers do not repeat a member: its model has those for sensitive. Measured of
// `input` and `output` (public logs of callers, until 2026).
bool is_sensitive(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames = {"output", "error", "cause", "definition",
                                                      "versionDescription"};
  return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace

std::string_view Members::required(std::string_view name, size_t length_max) {
  if (is_missing(name)) return {};
  return optional(name, length_max).value_or(std::string_view());
}

std::optional<std::string_view> Members::optional(std::string_view name, size_t length_max,
                                                  size_t length_min) {
  const auto value = text(name);
  if (value) check_length(name, *value, length_min, length_max);
  return value;
}

std::optional<std::string_view> Members::payload(std::string_view name, size_t bytes_max) {
  const auto value = text(name);
  if (value && value->size() > bytes_max) {
    findings_.push_back(
        fmt::format("Value at '{}{}' failed to satisfy constraint: Member must have size less than "
                    "or equal to {} bytes in UTF-8 encoding",
                    within_, name, bytes_max));
  }
  return value;
}

std::string_view Members::required_payload(std::string_view name, size_t bytes_max) {
  if (is_missing(name)) return {};
  return payload(name, bytes_max).value_or(std::string_view());
}

std::optional<std::string_view> Members::text(std::string_view name) {
  const json::Value value = body_.find(name);
  if (value.is_undefined() || value.is_null()) return std::nullopt;
  if (value.is_string()) return value.as_string();
  wrong_type(name, "a string");
  return std::nullopt;
}

std::optional<std::string_view> Members::one_of(std::string_view name,
                                                std::initializer_list<std::string_view> values) {
  const auto value = text(name);
  if (value && std::ranges::find(values, *value) == values.end()) {
    reject(name, *value,
           fmt::format("Member must satisfy enum value set: [{}]", fmt::join(values, ", ")));
  }
  return value;
}

std::string_view Members::required_one_of(std::string_view name,
                                          std::initializer_list<std::string_view> values) {
  if (is_missing(name)) return {};
  return one_of(name, values).value_or(std::string_view());
}

int64_t Members::whole(std::string_view name, int64_t max, int64_t min) {
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
  } else if (number < min) {
    reject(name, fmt::to_string(number),
           fmt::format("Member must have value greater than or equal to {}", min));
  }
  return number;
}

std::optional<int64_t> Members::optional_whole(std::string_view name, int64_t max, int64_t min) {
  const json::Value value = body_.find(name);
  if (value.is_undefined() || value.is_null()) return std::nullopt;
  return whole(name, max, min);
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

json::Value Members::objects(std::string_view name) {
  const json::Value list = array(name);
  for (uint32_t i = 0; i < list.size(); ++i) {
    if (!list.item(i).is_object())
      wrong_type(fmt::format("{}.{}.member", name, i + 1), "an object");
  }
  return list;
}

bool Members::is_missing(std::string_view name) {
  const json::Value value = body_.find(name);
  if (!value.is_undefined() && !value.is_null()) return false;
  findings_.push_back(
      fmt::format("Value {}at '{}{}' failed to satisfy constraint: Member must not be null",
                  is_sensitive(name) ? "" : "null ", within_, name));
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
  findings_.push_back(fmt::format("Value {}at '{}{}' failed to satisfy constraint: {}",
                                  is_sensitive(name) ? "" : fmt::format("'{}' ", value), within_,
                                  name, constraint));
}

void Members::check_length(std::string_view name, std::string_view value, size_t min, size_t max) {
  const size_t length = json::utf16_length(value);
  if (length > max) {
    reject(name, value, fmt::format("Member must have length less than or equal to {}", max));
  } else if (length < min) {
    reject(name, value, fmt::format("Member must have length greater than or equal to {}", min));
  }
}

void Members::wrong_type(std::string_view name, std::string_view expected) {
  if (wrong_type_.empty()) {
    wrong_type_ =
        fmt::format("The member '{}{}' of the request must be {}", within_, name, expected);
  }
}

}  // namespace weft::api

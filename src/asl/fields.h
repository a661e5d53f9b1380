#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "asl/compilation.h"

// Internal to src/asl: reading the fields of an object and reporting what is wrong with them.

namespace weft::asl {

inline constexpr int64_t kSecondsMax = 99'999'999;

// Reports members of `object` that are not in `allowed`.
void check_members(Compilation& compilation, const json::Value& object, const Path& path,
                   std::span<const std::string_view> allowed);
// Reports which of `names` are missing, all in one finding. True when none is.
bool require_members(Compilation& compilation, const json::Value& object, const Path& path,
                     std::initializer_list<std::string_view> names);

// The member `name`, if it is there and of the right type; a wrong type or range is reported.
std::optional<std::string> read_string(Compilation& compilation, const json::Value& object,
                                       const Path& path, std::string_view name);
std::optional<int64_t> read_integer(Compilation& compilation, const json::Value& object,
                                    const Path& path, std::string_view name, int64_t min,
                                    int64_t max);
std::optional<double> read_number(Compilation& compilation, const json::Value& object,
                                  const Path& path, std::string_view name, double min, double max);
// One of `values`; anything else is reported.
std::optional<std::string> read_choice(Compilation& compilation, const json::Value& object,
                                       const Path& path, std::string_view name,
                                       std::initializer_list<std::string_view> values);
// The value is an object (an array); false and a finding when not.
bool expect_object(Compilation& compilation, const json::Value& value, const Path& path);
bool expect_array(Compilation& compilation, const json::Value& value, const Path& path);

// The value is a whole number within [min, max]; false and a finding when not. `type` names the
// wanted type.
bool expect_integer(Compilation& compilation, const json::Value& value, const Path& path,
                    int64_t min, int64_t max);

// Reports every field the state's type or query language does not allow.
void check_state_fields(StateContext& context);

}  // namespace weft::asl

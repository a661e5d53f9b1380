#pragma once

#include <optional>
#include <string_view>

#include "asl/compilation.h"
#include "asl/jsonpath_condition.h"

// Internal to src/asl: from JSON to the conditions of a JSONPath Choice.

namespace weft::asl {

// Whether a rule may have the member `name` as a part of its condition.
bool is_condition_member(std::string_view name);

// The condition of `rule`, an object; findings and nothing when it has none that can be used.
std::optional<Condition> compile_condition(StateContext& context, const json::Value& rule,
                                           const Path& path);

}  // namespace weft::asl

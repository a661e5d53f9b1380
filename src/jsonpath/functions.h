#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "json/arena.h"
#include "json/value.h"
#include "jsonpath/scope.h"

// Internal to src/jsonpath: the intrinsic functions.

namespace weft::jsonpath {

struct CallContext {
  Scope& scope;
  json::Arena& arena;
};

// What a function yields, or the sentence that says why it refuses its arguments.
using FunctionResult = std::expected<json::Value, std::string>;

struct Function {
  std::string_view name;  // "States.Array"
  size_t arguments_min = 0;
  size_t arguments_max = 0;
  FunctionResult (*run)(CallContext& context, std::span<const json::Value> arguments) = nullptr;
};

// The function called `name`; nullptr when there is none.
const Function* find_function(std::string_view name);

// A template of States.Format whose `{}` are replaced by the arguments after the first, in order.
FunctionResult format(CallContext& context, std::string_view pattern,
                      std::span<const json::Value> values);

FunctionResult run_format(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_string_to_json(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_json_to_string(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_string_split(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_uuid(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_array(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_array_partition(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_array_contains(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_array_range(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_array_get_item(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_array_length(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_array_unique(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_base64_encode(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_base64_decode(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_hash(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_json_merge(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_math_random(CallContext& context, std::span<const json::Value> arguments);
FunctionResult run_math_add(CallContext& context, std::span<const json::Value> arguments);

}  // namespace weft::jsonpath

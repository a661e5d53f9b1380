#include "asl/fields.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "asl/nearest.h"

namespace weft::asl {
namespace {

constexpr uint8_t bit(StateType type) { return static_cast<uint8_t>(1U << static_cast<int>(type)); }

constexpr uint8_t kPassBit = bit(StateType::kPass);
constexpr uint8_t kTaskBit = bit(StateType::kTask);
constexpr uint8_t kChoiceBit = bit(StateType::kChoice);
constexpr uint8_t kWaitBit = bit(StateType::kWait);
constexpr uint8_t kFailBit = bit(StateType::kFail);
constexpr uint8_t kSucceedBit = bit(StateType::kSucceed);
constexpr uint8_t kParallelBit = bit(StateType::kParallel);
constexpr uint8_t kMapBit = bit(StateType::kMap);
constexpr uint8_t kAll = 0xFF;
constexpr uint8_t kWork = kTaskBit | kParallelBit | kMapBit;
constexpr uint8_t kFlow = kWork | kPassBit | kWaitBit;
constexpr uint8_t kNotFail = kAll & ~kFailBit;

enum class Only : uint8_t { kBoth, kJsonPath, kJsonata };

// Which states may have a field (AWS page "Discovering states", note section 1).
struct FieldRule {
  std::string_view name;
  uint8_t types;
  Only only = Only::kBoth;
};

constexpr std::array kFieldRules = {
    FieldRule{"Type", kAll},
    FieldRule{"Comment", kAll},
    FieldRule{"QueryLanguage", kAll},
    FieldRule{"Next", kFlow},
    FieldRule{"End", kFlow},
    FieldRule{"InputPath", kNotFail, Only::kJsonPath},
    FieldRule{"OutputPath", kNotFail, Only::kJsonPath},
    FieldRule{"Parameters", kWork | kPassBit, Only::kJsonPath},
    FieldRule{"ResultSelector", kWork, Only::kJsonPath},
    FieldRule{"ResultPath", kWork | kPassBit, Only::kJsonPath},
    FieldRule{"Arguments", kTaskBit | kParallelBit, Only::kJsonata},
    FieldRule{"Output", kNotFail, Only::kJsonata},
    FieldRule{"Assign", kNotFail & ~kSucceedBit},
    FieldRule{"Retry", kWork},
    FieldRule{"Catch", kWork},
    FieldRule{"Result", kPassBit, Only::kJsonPath},
    FieldRule{"Resource", kTaskBit},
    FieldRule{"TimeoutSeconds", kTaskBit},
    FieldRule{"TimeoutSecondsPath", kTaskBit, Only::kJsonPath},
    FieldRule{"HeartbeatSeconds", kTaskBit},
    FieldRule{"HeartbeatSecondsPath", kTaskBit, Only::kJsonPath},
    FieldRule{"Credentials", kTaskBit},
    FieldRule{"Choices", kChoiceBit},
    FieldRule{"Default", kChoiceBit},
    FieldRule{"Seconds", kWaitBit},
    FieldRule{"Timestamp", kWaitBit},
    FieldRule{"SecondsPath", kWaitBit, Only::kJsonPath},
    FieldRule{"TimestampPath", kWaitBit, Only::kJsonPath},
    FieldRule{"Error", kFailBit},
    FieldRule{"Cause", kFailBit},
    FieldRule{"ErrorPath", kFailBit, Only::kJsonPath},
    FieldRule{"CausePath", kFailBit, Only::kJsonPath},
    FieldRule{"Branches", kParallelBit},
    FieldRule{"ItemProcessor", kMapBit},
    FieldRule{"Iterator", kMapBit},
    FieldRule{"Items", kMapBit, Only::kJsonata},
    FieldRule{"ItemsPath", kMapBit, Only::kJsonPath},
    FieldRule{"ItemSelector", kMapBit},
    FieldRule{"MaxConcurrency", kMapBit},
    FieldRule{"MaxConcurrencyPath", kMapBit, Only::kJsonPath},
    FieldRule{"ToleratedFailurePercentage", kMapBit},
    FieldRule{"ToleratedFailurePercentagePath", kMapBit, Only::kJsonPath},
    FieldRule{"ToleratedFailureCount", kMapBit},
    FieldRule{"ToleratedFailureCountPath", kMapBit, Only::kJsonPath},
    FieldRule{"ItemReader", kMapBit},
    FieldRule{"ItemBatcher", kMapBit},
    FieldRule{"ResultWriter", kMapBit},
    FieldRule{"Label", kMapBit},
};

// What a field of one language is in the other.
struct Counterpart {
  std::string_view json_path;
  std::string_view jsonata;
};
constexpr std::array kCounterparts = {
    Counterpart{"Parameters", "Arguments"}, Counterpart{"InputPath", "Arguments"},
    Counterpart{"OutputPath", "Output"},    Counterpart{"ResultSelector", "Output"},
    Counterpart{"ResultPath", "Output"},    Counterpart{"Result", "Output"},
    Counterpart{"ItemsPath", "Items"},      Counterpart{"Variable", "Condition"},
};

// The field of the state's language that does what this one of the other does.
std::string counterpart_of(std::string_view name, const StateContext& context) {
  for (const Counterpart& pair : kCounterparts) {
    if (context.jsonata() && pair.json_path == name) return std::string(pair.jsonata);
    if (!context.jsonata() && pair.jsonata == name) return std::string(pair.json_path);
  }
  // "SecondsPath" is "Seconds" with an expression.
  if (context.jsonata() && name.ends_with("Path"))
    return std::string(name.substr(0, name.size() - 4));
  return {};
}

bool is_allowed(const FieldRule& rule, const StateContext& context) {
  const bool spoken =
      rule.only == Only::kBoth || (rule.only == Only::kJsonata) == context.jsonata();
  return spoken && (rule.types & bit(context.state.type)) != 0;
}

// What was meant by a field that the state cannot have.
std::string meant_by(std::string_view name, const StateContext& context) {
  std::vector<std::string_view> allowed;
  for (const FieldRule& rule : kFieldRules) {
    if (is_allowed(rule, context)) allowed.push_back(rule.name);
  }
  const std::string other = counterpart_of(name, context);
  if (std::ranges::find(allowed, other) != allowed.end()) return other;
  return nearest(name, allowed);
}

bool in_range(double value, double min, double max) { return value >= min && value <= max; }

}  // namespace

void check_members(Compilation& compilation, const json::Value& object, const Path& path,
                   std::span<const std::string_view> allowed) {
  for (size_t i = 0; i < object.size(); ++i) {
    if (std::ranges::find(allowed, object.key(i)) == allowed.end()) {
      compilation.error_about(path, object.key(i),
                              fmt::format("Field '{}' is not supported", object.key(i)));
      compilation.hint(nearest(object.key(i), allowed));
    }
  }
}

bool require_members(Compilation& compilation, const json::Value& object, const Path& path,
                     std::initializer_list<std::string_view> names) {
  std::string missing;
  for (std::string_view name : names) {
    if (object.find(name).is_undefined()) {
      missing += (missing.empty() ? "" : ", ") + std::string(name);
    }
  }
  if (!missing.empty()) {
    compilation.error(path, fmt::format("These fields are required: [{}]", missing));
  }
  return missing.empty();
}

std::optional<std::string> read_string(Compilation& compilation, const json::Value& object,
                                       const Path& path, std::string_view name) {
  json::Value value = object.find(name);
  if (value.is_undefined()) {
    return std::nullopt;
  }
  if (!value.is_string()) {
    compilation.error(path.member(name), "Expected value of type String");
    return std::nullopt;
  }
  return std::string(value.as_string());
}

bool expect_integer(Compilation& compilation, const json::Value& value, const Path& path,
                    int64_t min, int64_t max) {
  if (!value.is_number() || !value.is_integral()) {
    compilation.error(path, "Expected value of type Integer");
    return false;
  }
  if (value.as_int() < min || value.as_int() > max) {
    compilation.error(path, fmt::format("The value must be between {} and {} but was {}", min, max,
                                        value.as_int()));
    return false;
  }
  return true;
}

std::optional<int64_t> read_integer(Compilation& compilation, const json::Value& object,
                                    const Path& path, std::string_view name, int64_t min,
                                    int64_t max) {
  json::Value value = object.find(name);
  if (value.is_undefined() || !expect_integer(compilation, value, path.member(name), min, max)) {
    return std::nullopt;
  }
  return value.as_int();
}

std::optional<double> read_number(Compilation& compilation, const json::Value& object,
                                  const Path& path, std::string_view name, double min, double max) {
  json::Value value = object.find(name);
  if (value.is_undefined()) {
    return std::nullopt;
  }
  if (!value.is_number()) {
    compilation.error(path.member(name), "Expected value of type Number");
    return std::nullopt;
  }
  if (!in_range(value.as_double(), min, max)) {
    compilation.error(
        path.member(name),
        fmt::format("The value must be between {} and {} but was {}", min, max, value.as_double()));
    return std::nullopt;
  }
  return value.as_double();
}

std::optional<std::string> read_choice(Compilation& compilation, const json::Value& object,
                                       const Path& path, std::string_view name,
                                       std::initializer_list<std::string_view> values) {
  json::Value value = object.find(name);
  if (value.is_undefined()) {
    return std::nullopt;
  }
  if (value.is_string() && std::ranges::find(values, value.as_string()) != values.end()) {
    return std::string(value.as_string());
  }
  compilation.error(path.member(name),
                    fmt::format("The field '{}' should have one of these values: [{}]", name,
                                fmt::join(values, ", ")));
  if (value.is_string()) compilation.hint(nearest(value.as_string(), std::span(values)));
  return std::nullopt;
}

bool expect_object(Compilation& compilation, const json::Value& value, const Path& path) {
  if (!value.is_object()) {
    compilation.error(path, "Expected value of type Object");
  }
  return value.is_object();
}

bool expect_array(Compilation& compilation, const json::Value& value, const Path& path) {
  if (!value.is_array()) {
    compilation.error(path, "Expected value of type Array");
  }
  return value.is_array();
}

void check_state_fields(StateContext& context) {
  Compilation& compilation = context.compilation();
  for (size_t i = 0; i < context.json.size(); ++i) {
    const std::string_view name = context.json.key(i);
    const auto* rule = std::ranges::find(kFieldRules, name, &FieldRule::name);
    if (rule != kFieldRules.end() && is_allowed(*rule, context)) continue;
    if (rule == kFieldRules.end() || (rule->types & bit(context.state.type)) == 0) {
      compilation.error_about(context.path, name, fmt::format("Field '{}' is not supported", name));
    } else {
      compilation.error_about(
          context.path, name,
          fmt::format("The QueryLanguage is set to '{}', but field '{}' is only supported for the "
                      "'{}' QueryLanguage",
                      context.jsonata() ? "JSONata" : "JSONPath", name,
                      context.jsonata() ? "JSONPath" : "JSONata"));
    }
    compilation.hint(meant_by(name, context));
  }
  read_string(compilation, context.json, context.path, "Comment");
}

}  // namespace weft::asl

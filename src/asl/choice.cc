#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/template.h"

namespace weft::asl {
namespace {

bool is_jsonpath_comparison(std::string_view name) {
  constexpr std::array<std::string_view, 4> kJoins = {"Variable", "And", "Or", "Not"};
  if (std::ranges::find(kJoins, name) != kJoins.end()) {
    return true;
  }
  constexpr std::array<std::string_view, 5> kFamilies = {"String", "Numeric", "Boolean",
                                                         "Timestamp", "Is"};
  return std::ranges::any_of(kFamilies, [&](auto family) { return name.starts_with(family); });
}

// A rule's members, judged by the state's query language. False when the rule cannot be used.
bool check_rule_members(StateContext& context, const json::Value& rule, const Path& path) {
  Compilation& compilation = context.compilation();
  bool usable = true;
  for (size_t i = 0; i < rule.size(); ++i) {
    const std::string_view name = rule.key(i);
    if (name == "Next" || name == "Assign" || name == "Comment") {
      continue;
    }
    const bool jsonata_field = name == "Condition" || name == "Output";
    if (jsonata_field == context.jsonata() && (jsonata_field || is_jsonpath_comparison(name))) {
      if (!jsonata_field) {
        unsupported_jsonpath(compilation, path.member(name), name);
        return false;
      }
      continue;
    }
    usable = false;
    if (jsonata_field || is_jsonpath_comparison(name)) {
      compilation.error_about(
          path, name,
          fmt::format("The QueryLanguage is set to '{}', but field '{}' is only supported for the "
                      "'{}' QueryLanguage",
                      context.jsonata() ? "JSONata" : "JSONPath", name,
                      context.jsonata() ? "JSONPath" : "JSONata"));
    } else {
      compilation.error_about(path, name, fmt::format("Field '{}' is not supported", name));
    }
  }
  return usable;
}

void compile_condition(StateContext& context, const json::Value& rule, const Path& path,
                       const std::string& field, ChoiceRule& result) {
  json::Value condition = rule.find("Condition");
  if (!condition.is_bool() &&
      !(condition.is_string() && looks_like_expression(condition.as_string()))) {
    context.compilation().error(path.member("Condition"),
                                "Expected value of type Boolean or a JSONata expression");
    return;
  }
  result.condition =
      compile_template(context, condition, path.member("Condition"), field + "/Condition", {});
}

ChoiceRule compile_rule(StateContext& context, const json::Value& rule, const Path& path,
                        const std::string& field) {
  ChoiceRule result;
  Compilation& compilation = context.compilation();
  if (!expect_object(compilation, rule, path)) {
    return result;
  }
  const bool usable = check_rule_members(context, rule, path);
  result.next = resolve_target(context, rule, path, "Next");
  result.assign = compile_assign(context, rule, path, field + "/", {});
  read_string(compilation, rule, path, "Comment");
  if (!context.jsonata()) {
    if (usable) {
      require_members(compilation, rule, path, {"Variable", "Next"});
    } else {
      require_members(compilation, rule, path, {"Next"});
    }
    return result;
  }
  if (!usable) {
    return result;
  }
  require_members(compilation, rule, path, {"Condition", "Next"});
  if (!rule.find("Condition").is_undefined()) {
    compile_condition(context, rule, path, field, result);
  }
  if (json::Value output = rule.find("Output"); !output.is_undefined()) {
    result.output = compile_template(context, output, path.member("Output"), field + "/Output", {});
  }
  return result;
}

}  // namespace

ChoiceState compile_choice(StateContext& context) {
  ChoiceState choice;
  Compilation& compilation = context.compilation();
  choice.default_next = resolve_target(context, context.json, context.path, "Default");
  if (!require_members(compilation, context.json, context.path, {"Choices"})) {
    return choice;
  }
  json::Value rules = context.json.find("Choices");
  Path at = context.path.member("Choices");
  if (!expect_array(compilation, rules, at)) {
    return choice;
  }
  if (rules.size() == 0) {
    compilation.error(at, "Value cannot be empty");
  }
  for (size_t i = 0; i < rules.size(); ++i) {
    choice.rules.push_back(
        compile_rule(context, rules.item(i), at.element(i), fmt::format("Choices[{}]", i)));
  }
  return choice;
}

}  // namespace weft::asl

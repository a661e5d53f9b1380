#include <algorithm>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/jsonpath_choice.h"
#include "asl/template.h"

namespace weft::asl {
namespace {

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
    if (jsonata_field == context.jsonata() && (jsonata_field || is_condition_member(name))) {
      continue;
    }
    usable = false;
    if (jsonata_field || is_condition_member(name)) {
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

void compile_jsonata_rule(StateContext& context, const json::Value& rule, const Path& path,
                          const std::string& field, ChoiceRule& result) {
  require_members(context.compilation(), rule, path, {"Condition", "Next"});
  if (json::Value output = rule.find("Output"); !output.is_undefined()) {
    result.output = compile_template(context, output, path.member("Output"), field + "/Output", {});
  }
  json::Value condition = rule.find("Condition");
  if (condition.is_undefined()) {
    return;
  }
  if (!condition.is_bool() &&
      !(condition.is_string() && looks_like_expression(condition.as_string()))) {
    context.compilation().error(path.member("Condition"),
                                "Expected value of type Boolean or a JSONata expression");
    return;
  }
  result.condition =
      compile_template(context, condition, path.member("Condition"), field + "/Condition", {});
}

void compile_jsonpath_rule(StateContext& context, const json::Value& rule, const Path& path,
                           const std::string& field, ChoiceRule& result) {
  require_members(context.compilation(), rule, path, {"Next"});
  result.output = context.state.output;
  if (auto condition = compile_condition(context, rule, path)) {
    result.condition =
        Template{.query = std::make_shared<ConditionQuery>(*std::move(condition)), .field = field};
  }
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
  if (!usable) {
    require_members(compilation, rule, path, {"Next"});
  } else if (context.jsonata()) {
    compile_jsonata_rule(context, rule, path, field, result);
  } else {
    compile_jsonpath_rule(context, rule, path, field, result);
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

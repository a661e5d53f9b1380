#include "asl/template.h"

#include <algorithm>

#include <fmt/format.h>

#include "asl/fields.h"
#include "asl/variable_name.h"

namespace weft::asl {
namespace {

Template literal(const json::Value& value, const std::string& field) {
  return Template{.kind = Template::Kind::kLiteral, .literal = value, .field = field};
}

Template compile_array(StateContext& context, const json::Value& value, const Path& path,
                       const std::string& field, const ExpressionRules& rules) {
  Template result{.kind = Template::Kind::kArray, .field = field};
  for (size_t i = 0; i < value.size(); ++i) {
    result.elements.push_back(compile_template(context, value.item(i), path.element(i),
                                               fmt::format("{}[{}]", field, i), rules));
  }
  return result;
}

Template compile_object(StateContext& context, const json::Value& value, const Path& path,
                        const std::string& field, const ExpressionRules& rules) {
  Template result{.kind = Template::Kind::kObject, .field = field};
  for (size_t i = 0; i < value.size(); ++i) {
    const std::string_view key = value.key(i);
    if (!context.jsonata() && key.ends_with(".$")) {
      unsupported_jsonpath(context.compilation(), path.member(key), key);
    }
    result.keys.emplace_back(key);
    result.elements.push_back(compile_template(context, value.member(i), path.member(key),
                                               fmt::format("{}/{}", field, key), rules));
  }
  return result;
}

bool check_literal(StateContext& context, const json::Value& value, const Path& path,
                   const ScalarType& type) {
  Compilation& compilation = context.compilation();
  switch (type.kind) {
    case ScalarType::Kind::kInteger:
      return expect_integer(compilation, value, path, type.min, type.max);
    case ScalarType::Kind::kNumber:
      if (!value.is_number()) {
        compilation.error(path, "Expected value of type Number");
        return false;
      }
      if (value.as_double() < static_cast<double>(type.min) ||
          value.as_double() > static_cast<double>(type.max)) {
        compilation.error(path, fmt::format("The value must be between {} and {} but was {}",
                                            type.min, type.max, value.as_double()));
        return false;
      }
      return true;
    case ScalarType::Kind::kString:
      if (!value.is_string()) {
        compilation.error(path, "Expected value of type String");
      }
      return value.is_string();
  }
  return false;
}

}  // namespace

Template compile_template(StateContext& context, const json::Value& value, const Path& path,
                          const std::string& field, const ExpressionRules& rules) {
  if (value.is_string() && context.jsonata() && looks_like_expression(value.as_string())) {
    return compile_expression(context, value.as_string(), path, field, rules);
  }
  if (!value.is_container()) {
    return literal(value, field);
  }
  Template result = value.is_array() ? compile_array(context, value, path, field, rules)
                                     : compile_object(context, value, path, field, rules);
  const bool constant = std::ranges::all_of(result.elements, [](const Template& element) {
    return element.kind == Template::Kind::kLiteral;
  });
  return constant ? literal(value, field) : result;
}

std::optional<Template> compile_field(StateContext& context, std::string_view name,
                                      const ExpressionRules& rules) {
  json::Value value = context.json.find(name);
  if (value.is_undefined()) {
    return std::nullopt;
  }
  return compile_template(context, value, context.path.member(name), std::string(name), rules);
}

std::optional<Template> compile_scalar(StateContext& context, const json::Value& object,
                                       const Path& path, std::string_view name,
                                       const std::string& field, const ScalarType& type) {
  json::Value value = object.find(name);
  if (value.is_undefined()) {
    return std::nullopt;
  }
  Path at = path.member(name);
  if (value.is_string() && context.jsonata() && looks_like_expression(value.as_string())) {
    return compile_expression(context, value.as_string(), at, field, {});
  }
  if (!check_literal(context, value, at, type)) {
    return std::nullopt;
  }
  return literal(value, field);
}

std::vector<Assignment> compile_assign(StateContext& context, const json::Value& owner,
                                       const Path& path, const std::string& prefix,
                                       const ExpressionRules& rules) {
  std::vector<Assignment> result;
  json::Value assign = owner.find("Assign");
  Compilation& compilation = context.compilation();
  Path at = path.member("Assign");
  if (assign.is_undefined() || !expect_object(compilation, assign, at)) {
    return result;
  }
  for (size_t i = 0; i < assign.size(); ++i) {
    const std::string_view name = assign.key(i);
    Path place = at.member(name);
    if (!context.jsonata() && name.ends_with(".$")) {
      unsupported_jsonpath(compilation, place, name);
      continue;
    }
    if (std::string problem = variable_name_problem(name); !problem.empty()) {
      compilation.error_about(at, name, problem);
    }
    for (const BlockContext* block = &context.block; block->outer; block = block->outer) {
      if (assigned_before(*block->outer, name,
                          compilation.program().block(block->id).enclosing_state)) {
        compilation.error_about(
            at, name, fmt::format("Variable '{}' is already assigned in an outer scope", name));
        break;
      }
    }
    result.push_back(
        {std::string(name), compile_template(context, assign.member(i), place,
                                             fmt::format("{}Assign/{}", prefix, name), rules)});
  }
  return result;
}

void require_template_members(StateContext& context, const Template& object, const Path& path,
                              std::initializer_list<std::string_view> names) {
  const bool literal_object = object.kind == Template::Kind::kLiteral && object.literal.is_object();
  if (!literal_object && object.kind != Template::Kind::kObject) {
    return;
  }
  auto has = [&](std::string_view name) {
    return literal_object ? !object.literal.find(name).is_undefined()
                          : std::ranges::find(object.keys, name) != object.keys.end();
  };
  for (std::string_view name : names) {
    const bool present = has(name) || (!context.jsonata() && has(std::string(name) + ".$"));
    if (!present) {
      context.compilation().error(path,
                                  fmt::format("The field '{}' is required but was missing", name));
    }
  }
}

}  // namespace weft::asl

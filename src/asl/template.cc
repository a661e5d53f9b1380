#include "asl/template.h"

#include <algorithm>

#include <fmt/format.h>

#include "asl/fields.h"
#include "asl/jsonpath_fields.h"
#include "asl/variable_name.h"

namespace weft::asl {
namespace {

using Node = JsonataQuery::Node;

Template literal(const json::Value& value, const std::string& field) {
  return Template{.literal = value, .field = field};
}

Node compile_node(StateContext& context, const json::Value& value, const Path& path,
                  const std::string& field, const ExpressionRules& rules) {
  if (value.is_string() && looks_like_expression(value.as_string())) {
    return compile_expression(context, value.as_string(), path, field, rules);
  }
  Node result{.literal = value, .field = field};
  if (!value.is_container()) {
    return result;
  }
  for (size_t i = 0; i < value.size(); ++i) {
    if (value.is_array()) {
      result.elements.push_back(compile_node(context, value.item(i), path.element(i),
                                             fmt::format("{}[{}]", field, i), rules));
    } else {
      const std::string_view key = value.key(i);
      result.keys.emplace_back(key);
      result.elements.push_back(compile_node(context, value.member(i), path.member(key),
                                             fmt::format("{}/{}", field, key), rules));
    }
  }
  const bool constant = std::ranges::all_of(
      result.elements, [](const Node& element) { return element.kind == Node::Kind::kLiteral; });
  if (constant) {
    return Node{.literal = value, .field = field};
  }
  result.kind = value.is_array() ? Node::Kind::kArray : Node::Kind::kObject;
  return result;
}

Template jsonata_template(Node node) {
  if (node.kind == Node::Kind::kLiteral) return literal(node.literal, node.field);
  std::string field = node.field;
  return Template{.query = std::make_shared<JsonataQuery>(std::move(node)),
                  .field = std::move(field)};
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

// A JSONPath Assign is a payload template: a variable beside its computed form is refused there as
// anywhere in one.
void check_given_once(StateContext& context, const json::Value& assign, std::string_view member,
                      std::string_view name, const Path& at) {
  // What an earlier version accepted stays readable.
  if (context.compilation().options().stored || assign.find(name).is_undefined()) return;
  Path entry = at.member(member);
  entry.location = at.location;
  context.compilation().error(entry, jsonpath::given_twice(name, member));
}

// The name of a variable, which is assigned by the member `member` of the Assign at `at`.
void check_variable(StateContext& context, std::string_view member, std::string_view name,
                    const Path& at) {
  Compilation& compilation = context.compilation();
  if (std::string problem = variable_name_problem(name); !problem.empty()) {
    compilation.error_about(at, member, problem);
  }
  for (const BlockContext* block = &context.block; block->outer; block = block->outer) {
    if (assigned_before(*block->outer, name,
                        compilation.program().block(block->id).enclosing_state)) {
      compilation.error_about(
          at, member, fmt::format("Variable '{}' is already assigned in an outer scope", name));
      break;
    }
  }
}

}  // namespace

Template compile_template(StateContext& context, const json::Value& value, const Path& path,
                          const std::string& field, const ExpressionRules& rules) {
  if (!context.jsonata()) {
    return compile_payload_on(context, value, path, field,
                              rules.error_output ? Document::kErrorOutput : Document::kInput);
  }
  return jsonata_template(compile_node(context, value, path, field, rules));
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
  const std::string path_name = fmt::format("{}Path", name);
  if (!context.jsonata() && !object.find(path_name).is_undefined()) {
    if (!object.find(name).is_undefined()) {
      context.compilation().error(
          path, fmt::format("Only one of these fields is allowed: [{}, {}]", name, path_name));
    }
    return compile_path_field(context, object, path, path_name, type.words);
  }
  json::Value value = object.find(name);
  if (value.is_undefined()) {
    return std::nullopt;
  }
  Path at = path.member(name);
  if (value.is_string() && context.jsonata() && looks_like_expression(value.as_string())) {
    return jsonata_template(compile_expression(context, value.as_string(), at, field, {}));
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
    const std::string_view member = assign.key(i);
    const bool evaluated = !context.jsonata() && member.ends_with(".$");
    const std::string_view name = evaluated ? member.substr(0, member.size() - 2) : member;
    check_variable(context, member, name, at);
    if (evaluated) check_given_once(context, assign, member, name, at);
    const std::string field = fmt::format("{}Assign/{}", prefix, name);
    const Document document = rules.error_output ? Document::kErrorOutput : Document::kResult;
    if (context.jsonata()) {
      result.push_back({std::string(name), compile_template(context, assign.member(i),
                                                            at.member(member), field, rules)});
    } else if (evaluated) {
      result.push_back({std::string(name), compile_assigned_path(context, member, assign.member(i),
                                                                 at, field, document)});
    } else {
      result.push_back(
          {std::string(name), compile_payload_on(context, assign.member(i), at, field, document)});
    }
  }
  return result;
}

void require_template_members(StateContext& context, const Template& object, const Path& path,
                              std::initializer_list<std::string_view> names) {
  if (object.is_literal() && !object.literal.is_object()) {
    return;
  }
  auto has = [&](std::string_view name) {
    return object.is_literal() ? !object.literal.find(name).is_undefined()
                               : object.query->may_have_member(name);
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

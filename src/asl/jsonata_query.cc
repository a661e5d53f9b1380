#include "asl/jsonata_query.h"

#include <algorithm>

#include <fmt/format.h>

#include "asl/evaluate.h"
#include "json/build.h"

namespace weft::asl {
namespace {

using Node = JsonataQuery::Node;

std::string described(const Node& node) {
  if (node.kind == Node::Kind::kExpression) {
    return fmt::format("The JSONata expression '{}' specified for the field '{}'", node.source,
                       node.field);
  }
  return fmt::format("The value specified for the field '{}'", node.field);
}

Fault fault(const Node& node, std::string_view text) {
  return {.cause = fmt::format("{} {}", described(node), text), .field = node.field};
}

Fault unexpected_type(const Node& node, std::string_view expected, json::Value value) {
  return fault(
      node,
      fmt::format("returned an unexpected result type. Expected '{}', but was '{}' for value: {}",
                  expected, type_name(value), quoted(value)));
}

Evaluated<json::Value> evaluate_expression(const Node& node, Evaluation& data) {
  std::vector<jsonata::Binding>& bindings = data.bindings();
  bindings[0].value = data.states(node.expression->reads_states_member("context"));
  auto value = jsonata::evaluate(*node.expression, json::Value(), bindings, data.arena(),
                                 data.environment());
  if (!value) {
    const jsonata::EvaluationError& error = value.error();
    const std::string text =
        error.code.empty()
            ? fmt::format("threw an error during evaluation: {}", error.message)
            : fmt::format("threw an error during evaluation. {}: {}", error.code, error.message);
    return std::unexpected(fault(node, text));
  }
  if (value->is_undefined()) return std::unexpected(fault(node, "returned nothing (undefined)."));
  if (value->kind() == json::Kind::kFunction) {
    return std::unexpected(fault(node, "returned an unsupported result type."));
  }
  return *value;
}

Evaluated<json::Value> evaluate_node(const Node& node, Evaluation& data) {
  switch (node.kind) {
    case Node::Kind::kLiteral:
      return node.literal;
    case Node::Kind::kExpression:
      return evaluate_expression(node, data);
    case Node::Kind::kArray: {
      json::ArrayBuilder array(data.arena());
      for (const Node& element : node.elements) {
        auto item = evaluate_node(element, data);
        if (!item) return item;
        array.push(*item);
      }
      return array.finish();
    }
    case Node::Kind::kObject: {
      json::ObjectBuilder object(data.arena());
      for (size_t i = 0; i < node.elements.size(); ++i) {
        auto member = evaluate_node(node.elements[i], data);
        if (!member) return member;
        object.add_ref(node.keys[i], *member);
      }
      return object.finish();
    }
  }
  return json::Value();
}

void collect(const Node& node, std::set<std::string>& names) {
  if (node.expression) {
    for (const std::string& name : node.expression->free_variables()) {
      // "" and "$" stand for $ and $$; `states` and functions are no variables.
      if (!name.empty() && name != "$" && name != "states" && name != "eval") names.insert(name);
    }
  }
  for (const Node& element : node.elements) collect(element, names);
}

}  // namespace

Evaluated<json::Value> JsonataQuery::evaluate(Evaluation& data) const {
  return evaluate_node(root_, data);
}

Evaluated<json::Value> JsonataQuery::fit(Evaluation&, json::Value value,
                                         const Wanted& wanted) const {
  switch (wanted.kind) {
    case Wanted::Kind::kBoolean:
      if (value.is_bool()) return value;
      return std::unexpected(unexpected_type(root_, "boolean", value));
    case Wanted::Kind::kString:
      if (value.is_string()) return value;
      return std::unexpected(unexpected_type(root_, "string", value));
    case Wanted::Kind::kNumber:
    case Wanted::Kind::kInteger:
      if (!value.is_number()) return std::unexpected(unexpected_type(root_, "number", value));
      if (wanted.kind == Wanted::Kind::kNumber) return value;
      if (value.is_integral() && value.as_int() >= wanted.minimum &&
          value.as_int() <= wanted.maximum) {
        return value;
      }
      return std::unexpected(
          fault(root_, fmt::format("returned a value that is not an integer between {} and {}: {}",
                                   wanted.minimum, wanted.maximum, quoted(value))));
    case Wanted::Kind::kTime: {
      if (!value.is_string()) return std::unexpected(unexpected_type(root_, "string", value));
      if (const auto time = base::parse_iso(value.as_string())) return json::Value::integer(*time);
      return std::unexpected(
          Fault{.cause = fmt::format("The Timestamp field cannot be parsed as an ISO-8601 extended "
                                     "offset date-time format string: {}",
                                     value.as_string()),
                .field = root_.field});
    }
    case Wanted::Kind::kItems:
      if (value.is_container()) return value;
      return std::unexpected(unexpected_type(root_, "array", value));
  }
  return value;
}

void JsonataQuery::add_variables(std::set<std::string>& names) const { collect(root_, names); }

json::Value JsonataQuery::known_member(std::string_view name) const {
  for (size_t i = 0; i < root_.keys.size(); ++i) {
    const Node& node = root_.elements[i];
    if (root_.keys[i] == name && node.kind == Node::Kind::kLiteral) return node.literal;
  }
  return {};
}

bool JsonataQuery::may_have_member(std::string_view name) const {
  if (root_.kind == Node::Kind::kExpression) return true;
  return std::ranges::find(root_.keys, name) != root_.keys.end();
}

}  // namespace weft::asl

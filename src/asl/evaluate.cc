#include "asl/evaluate.h"

#include <cmath>

#include <fmt/format.h>

#include "json/build.h"
#include "json/write.h"

namespace weft::asl {
namespace {

std::string described(const Template& source) {
  if (source.kind == Template::Kind::kExpression) {
    return fmt::format("The JSONata expression '{}' specified for the field '{}'", source.source,
                       source.field);
  }
  return fmt::format("The value specified for the field '{}'", source.field);
}

Fault fault(const Template& source, std::string_view text) {
  return {.cause = fmt::format("{} {}", described(source), text), .field = source.field};
}

}  // namespace

std::string_view type_name(json::Value value) {
  if (value.is_array()) return "array";
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  if (value.is_bool()) return "boolean";
  if (value.is_object()) return "object";
  return "null";
}

Fault unexpected_type(const Template& source, std::string_view expected, json::Value value) {
  return fault(
      source,
      fmt::format("returned an unexpected result type. Expected '{}', but was '{}' for value: {}",
                  expected, type_name(value), json::to_text(value)));
}

Evaluation::Evaluation(json::Arena& arena, const jsonata::Environment& environment,
                       ContextSource& context)
    : arena_(arena), environment_(environment), context_(context) {
  bindings_.push_back({"states", json::Value()});
}

void Evaluation::set_input(json::Value value) {
  input_ = value;
  states_built_[0] = states_built_[1] = false;
}

void Evaluation::set_result(json::Value value) {
  result_ = value;
  states_built_[0] = states_built_[1] = false;
}

void Evaluation::set_error_output(json::Value value) {
  error_output_ = value;
  states_built_[0] = states_built_[1] = false;
}

void Evaluation::add_variable(std::string_view name, json::Value value) {
  bindings_.push_back({name, value});
}

json::Value Evaluation::states(bool with_context) {
  if (states_built_[with_context]) return states_[with_context];
  json::ObjectBuilder object(arena_);
  object.add_ref("input", input_);
  if (!result_.is_undefined()) object.add_ref("result", result_);
  if (!error_output_.is_undefined()) object.add_ref("errorOutput", error_output_);
  if (with_context) {
    if (context_value_.is_undefined()) context_value_ = context_.context(arena_);
    object.add_ref("context", context_value_);
  }
  states_[with_context] = object.finish();
  states_built_[with_context] = true;
  return states_[with_context];
}

Evaluated<json::Value> Evaluation::evaluate_expression(const Template& source) {
  bindings_[0].value = states(source.expression->reads_states_member("context"));
  auto value =
      jsonata::evaluate(*source.expression, json::Value(), bindings_, arena_, environment_);
  if (!value) {
    const jsonata::EvaluationError& error = value.error();
    const std::string text =
        error.code.empty()
            ? fmt::format("threw an error during evaluation: {}", error.message)
            : fmt::format("threw an error during evaluation. {}: {}", error.code, error.message);
    return std::unexpected(fault(source, text));
  }
  if (value->is_undefined()) return std::unexpected(fault(source, "returned nothing (undefined)."));
  if (value->kind() == json::Kind::kFunction) {
    return std::unexpected(fault(source, "returned an unsupported result type."));
  }
  return *value;
}

Evaluated<json::Value> Evaluation::evaluate_object(const Template& source) {
  json::ObjectBuilder object(arena_);
  for (size_t i = 0; i < source.elements.size(); ++i) {
    auto member = evaluate(source.elements[i]);
    if (!member) return member;
    object.add_ref(source.keys[i], *member);
  }
  return object.finish();
}

Evaluated<json::Value> Evaluation::evaluate_array(const Template& source) {
  json::ArrayBuilder array(arena_);
  for (const Template& element : source.elements) {
    auto item = evaluate(element);
    if (!item) return item;
    array.push(*item);
  }
  return array.finish();
}

Evaluated<json::Value> Evaluation::evaluate(const Template& source) {
  switch (source.kind) {
    case Template::Kind::kLiteral:
      return source.literal;
    case Template::Kind::kExpression:
      return evaluate_expression(source);
    case Template::Kind::kArray:
      return evaluate_array(source);
    case Template::Kind::kObject:
      return evaluate_object(source);
  }
  return json::Value();
}

Evaluated<bool> Evaluation::evaluate_boolean(const Template& source) {
  auto value = evaluate(source);
  if (!value) return std::unexpected(std::move(value.error()));
  if (!value->is_bool()) return std::unexpected(unexpected_type(source, "boolean", *value));
  return value->as_bool();
}

Evaluated<std::string> Evaluation::evaluate_string(const Template& source) {
  auto value = evaluate(source);
  if (!value) return std::unexpected(std::move(value.error()));
  if (!value->is_string()) return std::unexpected(unexpected_type(source, "string", *value));
  return std::string(value->as_string());
}

Evaluated<double> Evaluation::evaluate_number(const Template& source) {
  auto value = evaluate(source);
  if (!value) return std::unexpected(std::move(value.error()));
  if (!value->is_number()) return std::unexpected(unexpected_type(source, "number", *value));
  return value->as_double();
}

Evaluated<int64_t> Evaluation::evaluate_integer(const Template& source, int64_t minimum,
                                                int64_t maximum) {
  auto value = evaluate(source);
  if (!value) return std::unexpected(std::move(value.error()));
  if (!value->is_number()) return std::unexpected(unexpected_type(source, "number", *value));
  if (!value->is_integral() || value->as_int() < minimum || value->as_int() > maximum) {
    return std::unexpected(
        fault(source, fmt::format("returned a value that is not an integer between {} and {}: {}",
                                  minimum, maximum, json::to_text(*value))));
  }
  return value->as_int();
}

}  // namespace weft::asl

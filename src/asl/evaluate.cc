#include "asl/evaluate.h"

#include <algorithm>

#include "base/limits.h"
#include "base/mix.h"
#include "json/build.h"
#include "json/exact.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::asl {

std::string_view type_name(json::Value value) {
  if (value.is_array()) return "array";
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  if (value.is_bool()) return "boolean";
  if (value.is_object()) return "object";
  return "null";
}

base::Result<json::Value> parse(std::string_view text, json::Arena& arena, QueryLanguage language) {
  return language == QueryLanguage::kJsonPath ? json::parse_exact(text, arena)
                                              : json::parse(text, arena);
}

std::string to_text(json::Value value, QueryLanguage language, const json::WriteBounds& bounds) {
  return language == QueryLanguage::kJsonPath ? json::to_exact_text(value, bounds)
                                              : json::to_text(value, bounds);
}

std::string quoted(json::Value value) {
  return json::to_text(value, {.bytes_max = base::kCauseCharsMax});
}

std::string context_time(base::UnixMs time_ms) {
  std::string text = base::format_iso_ms(time_ms);
  if (text.ends_with(".000Z")) text.replace(text.size() - 5, 5, "Z");
  return text;
}

Evaluation::Evaluation(json::Arena& arena, const Environment& environment, ContextSource& context,
                       QueryLanguage language)
    : arena_(arena),
      environment_(environment),
      seed_(environment.random_seed),
      context_(context),
      language_(language) {
  bindings_.push_back({"states", json::Value()});
}

void Evaluation::set_input(Payload input, const Template* selection) {
  input_ = std::move(input);
  selection_ = selection;
  selected_.reset();
  states_built_[0] = states_built_[1] = false;
}

void Evaluation::set_result(Payload result) {
  result_ = std::move(result);
  states_built_[0] = states_built_[1] = false;
}

void Evaluation::set_error_output(json::Value value) {
  error_output_ = value;
  states_built_[0] = states_built_[1] = false;
}

void Evaluation::add_variable(std::string_view name, json::Value value) {
  bindings_.push_back({name, value});
}

const Environment& Evaluation::environment() {
  environment_.random_seed = base::mix64(seed_ + ++draws_ * base::kMixStep);
  return environment_;
}

json::Value Evaluation::variable(std::string_view name) const {
  const auto found =
      std::find_if(bindings_.begin() + 1, bindings_.end(),
                   [&](const jsonata::Binding& binding) { return binding.name == name; });
  return found == bindings_.end() ? json::Value() : found->value;
}

json::Value Evaluation::context() {
  if (context_value_.is_undefined()) context_value_ = context_.context(arena_);
  return context_value_;
}

json::Value Evaluation::states(bool with_context) {
  if (states_built_[with_context]) return states_[with_context];
  json::ObjectBuilder object(arena_);
  object.add_ref("input", input_.value);
  if (!result_.value.is_undefined()) object.add_ref("result", result_.value);
  if (!error_output_.is_undefined()) object.add_ref("errorOutput", error_output_);
  if (with_context) object.add_ref("context", context());
  states_[with_context] = object.finish();
  states_built_[with_context] = true;
  return states_[with_context];
}

Evaluated<json::Value> Evaluation::input() {
  if (selection_ == nullptr) return input_.value;
  if (!selected_) {
    selected_ = evaluate(*selection_);
    if (stages_ != nullptr && *selected_) stages_->after_input_path = text_of(**selected_);
  }
  return *selected_;
}

Evaluated<base::Text> Evaluation::input_text() {
  if (selection_ == nullptr && !input_.text.is_null()) return input_.text;
  auto selected = input();
  if (!selected) return std::unexpected(std::move(selected.error()));
  return text_of(*selected);
}

base::Text Evaluation::text_of(json::Value value) const {
  if (language_ == QueryLanguage::kJsonPath) {
    // What nothing transformed keeps its text, blanks and all.
    for (const Payload* payload : {&input_, &result_}) {
      const bool shared = value.is_container() || value.is_string();
      if (shared && !payload->text.is_null() && value.same(payload->value)) return payload->text;
    }
  }
  return base::Text(
      to_text(value, language_, {.bytes_max = text_bytes_max_, .clock = environment_.clock}));
}

Fault Evaluation::fault(std::string cause, std::string_view field) const {
  if (language_ == QueryLanguage::kJsonPath)
    return {.error = "States.Runtime", .cause = std::move(cause), .recorded = false};
  return {.cause = std::move(cause), .field = std::string(field)};
}

Evaluated<json::Value> Evaluation::evaluate(const Template& source) {
  return source.is_literal() ? Evaluated<json::Value>(source.literal)
                             : source.query->evaluate(*this);
}

Evaluated<base::Text> Evaluation::evaluate_text(const Template& source) {
  auto value = evaluate(source);
  if (!value) return std::unexpected(std::move(value.error()));
  return text_of(*value);
}

Evaluated<json::Value> Evaluation::fitted(const Template& source, const Wanted& wanted) {
  if (source.is_literal()) return source.literal;  // checked when it was compiled
  auto value = source.query->evaluate(*this);
  if (!value) return value;
  return source.query->fit(*this, *value, wanted);
}

Evaluated<bool> Evaluation::evaluate_boolean(const Template& source) {
  auto value = fitted(source, {.kind = Wanted::Kind::kBoolean});
  if (!value) return std::unexpected(std::move(value.error()));
  return value->as_bool();
}

Evaluated<std::string> Evaluation::evaluate_string(const Template& source) {
  auto value = fitted(source, {.kind = Wanted::Kind::kString});
  if (!value) return std::unexpected(std::move(value.error()));
  return std::string(value->as_string());
}

Evaluated<double> Evaluation::evaluate_number(const Template& source) {
  auto value = fitted(source, {.kind = Wanted::Kind::kNumber});
  if (!value) return std::unexpected(std::move(value.error()));
  return value->as_double();
}

Evaluated<int64_t> Evaluation::evaluate_integer(const Template& source, int64_t minimum,
                                                int64_t maximum) {
  auto value =
      fitted(source, {.kind = Wanted::Kind::kInteger, .minimum = minimum, .maximum = maximum});
  if (!value) return std::unexpected(std::move(value.error()));
  return value->as_int();
}

Evaluated<base::UnixMs> Evaluation::evaluate_time(const Template& source) {
  if (source.is_literal()) return base::parse_iso(source.literal.as_string()).value_or(0);
  auto value = fitted(source, {.kind = Wanted::Kind::kTime});
  if (!value) return std::unexpected(std::move(value.error()));
  return value->as_int();
}

Evaluated<json::Value> Evaluation::evaluate_items(const Template& source) {
  return fitted(source, {.kind = Wanted::Kind::kItems});
}

}  // namespace weft::asl

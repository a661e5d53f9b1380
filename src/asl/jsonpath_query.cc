#include "asl/jsonpath_query.h"

#include <charconv>

#include <fmt/format.h>

#include "json/build.h"

namespace weft::asl {
namespace {

// A text where AWS shows a value in the middle of a sentence: strings as they are, others as JSON.
std::string shown(json::Value value) {
  if (value.is_string()) return std::string(value.as_string());
  return to_text(value, QueryLanguage::kJsonPath);
}

Fault from_library(jsonpath::Fault fault) {
  return jsonpath_fault(std::move(fault.cause), std::move(fault.error));
}

Evaluated<json::Value> run(const jsonpath::Template& payload, Document document, Evaluation& data) {
  auto root = document_of(data, document);
  if (!root) return root;
  DataScope scope(data);
  auto value = payload.evaluate(*root, scope, data.arena());
  if (!value) return std::unexpected(from_library(std::move(value.error())));
  return *value;
}

void add_all(const jsonpath::Template& payload, std::set<std::string>& names) {
  for (const std::string& name : payload.variables()) names.insert(name);
}

void add_path(const jsonpath::StatePath& path, std::set<std::string>& names) {
  if (path.root() == jsonpath::StatePath::Root::kVariable) names.insert(path.variable());
}

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Fault jsonpath_fault(std::string cause, std::string error) {
  return {.error = std::move(error), .cause = std::move(cause), .recorded = false};
}

Evaluated<json::Value> document_of(Evaluation& data, Document document) {
  switch (document) {
    case Document::kRawInput:
      return data.raw_input();
    case Document::kInput:
      break;
    case Document::kResult:
      if (!data.result().is_undefined()) return data.result();
      break;
    case Document::kErrorOutput:
      return data.error_output();
  }
  return data.input();
}

Evaluated<json::Value> JsonPathQuery::fit(Evaluation&, json::Value value, const Wanted&) const {
  return value;
}
json::Value JsonPathQuery::known_member(std::string_view) const { return {}; }
bool JsonPathQuery::may_have_member(std::string_view) const { return true; }

Evaluated<json::Value> PayloadQuery::evaluate(Evaluation& data) const {
  return run(payload_, document_, data);
}

void PayloadQuery::add_variables(std::set<std::string>& names) const { add_all(payload_, names); }

json::Value PayloadQuery::known_member(std::string_view name) const {
  const json::Value member = source_.find(name);
  return member.is_container() ? json::Value() : member;
}

bool PayloadQuery::may_have_member(std::string_view name) const {
  return !source_.find(name).is_undefined() ||
         !source_.find(fmt::format("{}.$", name)).is_undefined();
}

Evaluated<json::Value> MemberQuery::evaluate(Evaluation& data) const {
  auto object = run(payload_, document_, data);
  if (!object) return object;
  return object->member(0);
}

void MemberQuery::add_variables(std::set<std::string>& names) const { add_all(payload_, names); }

Fault PathQuery::missing(const jsonpath::Failure& failure, const json::Value& document,
                         Evaluation& data) const {
  switch (words_) {
    case Words::kSeconds:
    case Words::kTimestamp:
      return jsonpath_fault(fmt::format("The {} parameter does not reference an input value: {}",
                                        field_, path_.library_text()));
    case Words::kText: {
      DataScope scope(data);
      return jsonpath_fault(jsonpath::missing_path_cause(path_, failure, field_, document, scope));
    }
    case Words::kPath:
    case Words::kNumber:
    case Words::kItems:
    case Words::kEntries:
      break;
  }
  return jsonpath_fault(jsonpath::invalid_path_cause(path_, failure));
}

Evaluated<json::Value> PathQuery::evaluate(Evaluation& data) const {
  auto document = document_of(data, document_);
  if (!document || path_.is_whole_document()) return document;
  DataScope scope(data);
  auto value = path_.evaluate(*document, scope, data.arena());
  if (!value) return std::unexpected(missing(value.error(), *document, data));
  return *value;
}

Evaluated<json::Value> PathQuery::fit(Evaluation&, json::Value value, const Wanted& wanted) const {
  switch (wanted.kind) {
    case Wanted::Kind::kInteger:
    case Wanted::Kind::kNumber:
      return words_ == Words::kSeconds ? fit_seconds(value) : fit_number(value, wanted);
    case Wanted::Kind::kTime:
      if (const auto time = base::parse_iso(value.as_string())) return json::Value::integer(*time);
      return std::unexpected(
          jsonpath_fault(fmt::format("The {} parameter does not reference a valid ISO-8601 "
                                     "extended offset date-time format string: {} == {}",
                                     field_, path_.library_text(), shown(value))));
    case Wanted::Kind::kItems:
      if (value.is_array() || (value.is_object() && words_ == Words::kEntries)) return value;
      return std::unexpected(jsonpath_fault(
          fmt::format("Reference path \"{}\" must point to array.", path_.library_text())));
    case Wanted::Kind::kString:
      if (value.is_string()) return value;
      return std::unexpected(jsonpath_fault(
          fmt::format("The JSONPath '{}' specified for the field '{}' must refer to a string, but "
                      "it refers to {}",
                      path_.text(), field_, shown(value))));
    case Wanted::Kind::kBoolean:
      break;
  }
  return value;
}

Evaluated<json::Value> PathQuery::fit_seconds(json::Value value) const {
  std::optional<int64_t> seconds;
  if (value.is_number() && value.is_integral()) seconds = value.as_int();
  if (value.is_string()) seconds = parse_whole<int64_t>(value.as_string());
  const std::string place = fmt::format("{} == {}", path_.library_text(), shown(value));
  if (!seconds) {
    return std::unexpected(jsonpath_fault(
        fmt::format("The {} parameter cannot be parsed as a long value: {}", field_, place)));
  }
  if (*seconds < 0) {
    return std::unexpected(jsonpath_fault(
        fmt::format("The {} parameter references a negative value: {}", field_, place)));
  }
  return json::Value::integer(*seconds);
}

Evaluated<json::Value> PathQuery::fit_number(json::Value value, const Wanted& wanted) const {
  const bool whole = wanted.kind == Wanted::Kind::kInteger;
  std::optional<json::Value> number;
  if (value.is_string()) {
    // Numbers as text are understood, as AWS does.
    if (whole) {
      if (const auto parsed = parse_whole<int64_t>(value.as_string()))
        number = json::Value::integer(*parsed);
    } else if (const auto parsed = parse_whole<double>(value.as_string())) {
      number = json::Value::number(*parsed);
    }
  } else if (value.is_number() && (!whole || value.is_integral())) {
    number = value;
  }
  if (!number) {
    return std::unexpected(jsonpath_fault(
        fmt::format("The {} field refers to value \"{}\" which is not a valid {}: {}", field_,
                    shown(value), whole ? "integer" : "float", path_.library_text())));
  }
  if (!whole || (number->as_int() >= wanted.minimum && number->as_int() <= wanted.maximum))
    return *number;
  const std::string name = field_.substr(0, field_.size() - 4);  // without "Path"
  if (wanted.minimum == 0 && number->as_int() < 0)
    return std::unexpected(jsonpath_fault(fmt::format("{} cannot be negative.", name)));
  return std::unexpected(jsonpath_fault(
      fmt::format("{} must be between {} and {}.", name, wanted.minimum, wanted.maximum)));
}

void PathQuery::add_variables(std::set<std::string>& names) const { add_path(path_, names); }

Evaluated<json::Value> CallQuery::evaluate(Evaluation& data) const {
  auto document = data.input();
  if (!document) return document;
  DataScope scope(data);
  auto value = call_.evaluate(*document, scope, data.arena());
  if (!value) return std::unexpected(from_library(std::move(value.error())));
  return *value;
}

void CallQuery::add_variables(std::set<std::string>& names) const {
  for (const jsonpath::StatePath* path : call_.paths()) add_path(*path, names);
}

Evaluated<json::Value> OutputQuery::merged(Evaluation& data) const {
  if (parts_.discard_result) return data.raw_input();
  auto result =
      parts_.selector ? parts_.selector->evaluate(data) : document_of(data, parts_.result);
  if (result && data.stages() != nullptr)
    data.stages()->after_result_selector = data.text_of(*result);
  if (!result || !parts_.result_path) return result;
  auto value = parts_.result_path->insert(data.raw_input(), *result, data.arena());
  if (!value) return std::unexpected(from_library(std::move(value.error())));
  return *value;
}

Evaluated<json::Value> OutputQuery::evaluate(Evaluation& data) const {
  auto value = merged(data);
  if (!value) return value;
  if (data.stages() != nullptr) data.stages()->after_result_path = data.text_of(*value);
  if (parts_.empty_output) return json::ObjectBuilder(data.arena()).finish();
  if (!parts_.output_path) return value;
  DataScope scope(data);
  auto output = parts_.output_path->evaluate(*value, scope, data.arena());
  if (!output) {
    return std::unexpected(
        jsonpath_fault(jsonpath::invalid_path_cause(*parts_.output_path, output.error())));
  }
  return *output;
}

void OutputQuery::add_variables(std::set<std::string>& names) const {
  if (parts_.selector) parts_.selector->add_variables(names);
  if (parts_.output_path) add_path(*parts_.output_path, names);
}

}  // namespace weft::asl

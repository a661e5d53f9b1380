#include "jsonpath/state_path.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/exact.h"
#include "jsonpath/steps.h"

namespace weft::jsonpath {

namespace {

// A variable's name may hold every letter of Unicode; which bytes beyond ASCII are letters is for
// the check of the name where it is assigned.
bool is_name_character(char c, bool first) {
  const auto byte = static_cast<unsigned char>(c);
  const bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
  return letter || byte == '_' || byte >= 0x80 || (!first && byte >= '0' && byte <= '9');
}

// The characters of the variable's name after the $.
std::string_view variable_name(std::string_view text) {
  size_t end = 1;
  while (end < text.size() && is_name_character(text[end], end == 1)) ++end;
  return text.substr(1, end - 1);
}

}  // namespace

std::expected<StatePath, CompileError> StatePath::compile(std::string_view text) {
  StatePath result;
  result.text_ = text;
  if (!text.starts_with('$'))
    return std::unexpected(CompileError{fmt::format("'{}' does not start with $", text), 0});
  std::string library_text(text);
  if (text.starts_with("$$")) {
    result.root_ = Root::kContext;
    library_text.erase(0, 1);
  } else if (const std::string_view name = variable_name(text); !name.empty()) {
    result.root_ = Root::kVariable;
    result.variable_ = name;
    library_text.erase(1, name.size());
  }
  auto path = Path::compile(library_text);
  if (!path) return std::unexpected(std::move(path.error()));
  result.path_ = std::move(*path);
  return result;
}

bool StatePath::is_reference_path() const {
  return std::ranges::all_of(path_.steps().steps, [](const Step& step) {
    return step.kind == Step::Kind::kName || (step.kind == Step::Kind::kIndex && step.first >= 0);
  });
}

std::expected<json::Value, Failure> StatePath::evaluate(const json::Value& document, Scope& scope,
                                                        json::Arena& arena,
                                                        OutOfRange out_of_range) const {
  switch (root_) {
    case Root::kDocument:
      return jsonpath::evaluate(path_, document, arena, out_of_range);
    case Root::kContext:
      return jsonpath::evaluate(path_, scope.context(), arena, out_of_range);
    case Root::kVariable:
      break;
  }
  const json::Value value = scope.variable(variable_);
  if (value.is_undefined()) {
    return std::unexpected(
        Failure{Failure::Kind::kUnassigned,
                fmt::format("The variable '${}' was never assigned.", variable_)});
  }
  if (path_.is_root()) return value;
  return jsonpath::evaluate(path_, value, arena, out_of_range);
}

std::string invalid_path_cause(const StatePath& path, const Failure& failure) {
  if (failure.kind == Failure::Kind::kUnassigned || failure.kind == Failure::Kind::kLimit)
    return failure.message;
  return fmt::format("Invalid path '{}' : {}", path.library_text(), failure.message);
}

std::string missing_path_cause(const StatePath& path, const Failure& failure,
                               std::string_view field, const json::Value& document, Scope& scope) {
  if (failure.kind != Failure::Kind::kNotFound && failure.kind != Failure::Kind::kOutOfRange)
    return invalid_path_cause(path, failure);
  const bool in_context = path.root() == StatePath::Root::kContext;
  return fmt::format(
      "The JSONPath '{}' specified for the field '{}' could not be found in the input '{}'",
      path.text(), field, json::to_exact_text(in_context ? scope.context() : document));
}

}  // namespace weft::jsonpath

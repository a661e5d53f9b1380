#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/arena.h"
#include "json/value.h"
#include "jsonpath/fault.h"
#include "jsonpath/scope.h"

namespace weft::jsonpath {

struct TemplateProgram;

// What is wrong with one entry of a payload template.
struct TemplateProblem {
  // Names and indices from the template down to the entry: {"Payload", "0", "x.$"}.
  std::vector<std::string> place;
  // AWS's sentence: "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic
  // function call". AWS reports it at the template's field, not at the entry.
  std::string message;
  // Why it is neither, in our words; empty when `message` says it all.
  std::string reason;
};

// The problem of the member `written`, "x.$", beside a member `name`, "x".
std::string given_twice(std::string_view name, std::string_view written);

// A payload template (Parameters, ResultSelector, ItemSelector, Assign ...): JSON in which the
// value of a member whose name ends in `.$` is a path or a call of an intrinsic function.
// Immutable, cheap to copy, safe to evaluate from many threads at once.
class Template {
 public:
  // Compiles `json`, which must outlive the template: what is literal in it stays as it is and
  // becomes part of results. All problems are found, in the order of the text.
  static std::expected<Template, std::vector<TemplateProblem>> compile(const json::Value& json);

  // Whether nothing in it is evaluated: then literal() is the value.
  bool is_literal() const;
  const json::Value& literal() const;

  // Evaluates with `document` as `$`. Members come in AWS's order: the literal ones as written,
  // then the evaluated ones as a Java HashMap of their names has them. The value shares parts of
  // the template (names and literals), the document and the scope's values, which must outlive it.
  // Fault: States.Runtime for paths, States.IntrinsicFailure for functions.
  std::expected<json::Value, Fault> evaluate(const json::Value& document, Scope& scope,
                                             json::Arena& arena) const;

  // Names of the variables it reads, each once, in order of appearance.
  std::span<const std::string> variables() const;
  // Whether it reads the context object.
  bool reads_context() const;

 private:
  std::shared_ptr<const TemplateProgram> program_;
};

}  // namespace weft::jsonpath

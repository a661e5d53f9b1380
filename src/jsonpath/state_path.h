#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "json/arena.h"
#include "json/value.h"
#include "jsonpath/failure.h"
#include "jsonpath/path.h"
#include "jsonpath/scope.h"

namespace weft::jsonpath {

// A path as it stands in a field of a state: `$...` reads the document of the field, `$$...` the
// context object, `$name...` a variable. Immutable, cheap to copy, safe to evaluate from many
// threads at once.
class StatePath {
 public:
  enum class Root : uint8_t { kDocument, kContext, kVariable };

  static std::expected<StatePath, CompileError> compile(std::string_view text);

  // As written.
  const std::string& text() const { return text_; }
  // As AWS shows it in most errors: the path that the library got, so a context path with one $.
  const std::string& library_text() const { return path_.text(); }
  Root root() const { return root_; }
  // The name of the variable without $; empty for the other roots.
  const std::string& variable() const { return variable_; }
  bool is_definite() const { return path_.is_definite(); }
  // What is asked of the root.
  const Path& path() const { return path_; }
  // Whether the path is `$` alone: the document as it is.
  bool is_whole_document() const { return root_ == Root::kDocument && path_.is_root(); }
  // Whether it is a reference path: members by name and items by index, nothing else.
  bool is_reference_path() const;

  // Evaluates with `document` as `$`. See jsonpath::evaluate(). A variable may hold null.
  std::expected<json::Value, Failure> evaluate(const json::Value& document, Scope& scope,
                                               json::Arena& arena,
                                               OutOfRange out_of_range = OutOfRange::kFails) const;

 private:
  Root root_ = Root::kDocument;
  std::string text_;
  std::string variable_;
  Path path_;
};

// "Invalid path '$.a' : No results for path: $['a']": the cause of an InputPath or OutputPath that
// fails. The caller puts "An error occurred while executing the state ..." before it. Failures that
// are not about the document, a variable and a bound, are their message alone.
std::string invalid_path_cause(const StatePath& path, const Failure& failure);

// "The JSONPath '$.a' specified for the field 'x.$' could not be found in the input '{...}'": the
// cause of a template's entry, of ErrorPath and of CausePath. For failures that are no absence it
// is invalid_path_cause().
std::string missing_path_cause(const StatePath& path, const Failure& failure,
                               std::string_view field, const json::Value& document, Scope& scope);

}  // namespace weft::jsonpath

#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "definitions/node.h"

namespace weft::definitions {

// A state that stays as it is, and the one field for which it does.
struct LeftState {
  std::string state;
  std::string reason;  // a sentence, brief (base/brief.h)
  Origin origin;       // of the field
};

struct Conversion {
  Node machine;                 // the definition in JSONata, as far as it could be converted
  size_t converted = 0;         // states
  std::vector<LeftState> left;  // the others, which keep JSONPath
};

// Rewrites the JSONPath states of a definition to JSONata where that means the same: reference
// paths, templates, ResultPath, choices, and the intrinsic functions that JSONata has like that. A
// state is converted as a whole or stays. It means the same for data in which its paths find
// something; where one finds nothing JSONPath fails with States.Runtime, JSONata with
// States.QueryEvaluationError in a field or a condition, and goes on without it in $merge.
// Where a Retry or Catch would tell the errors of both languages apart, a state stays.
Conversion convert_to_jsonata(const Node& machine);

// The same of a whole definition.
struct ConvertedDefinition {
  std::string text;  // JSON, indented
  size_t converted = 0;
  std::vector<LeftState> left;
};
// kInvalidDefinition, with the first thing that is wrong, of one that does not compile.
base::Result<ConvertedDefinition> convert_definition(const std::shared_ptr<const Source>& json);

// What stands for `$` while a field is converted: "$states.input", "$states.result",
// "$states.input.orders".
using Dollar = std::string;

// The same as an expression, or why there is none. `text` is a path, or a call of an intrinsic
// function.
std::expected<std::string, std::string> convert_expression(std::string_view text,
                                                           const Dollar& dollar);
// A path relative to `of`, an expression: "(of).a.b".
std::expected<std::string, std::string> convert_path_of(std::string_view path,
                                                        const std::string& of);
// The Condition of a Choice rule, without its Next, Assign and Comment.
std::expected<std::string, std::string> convert_rule(const Node& rule, const Dollar& dollar);
// A text as a literal of JSONata.
std::string jsonata_string(std::string_view text);

}  // namespace weft::definitions

#pragma once

#include <string>
#include <string_view>

#include "asl/compilation.h"
#include "asl/jsonata_query.h"

// Internal to src/asl: one JSONata expression of a definition.

namespace weft::asl {

// What `$states` offers beside input and context where an expression stands.
struct ExpressionRules {
  bool result = false;        // Output and Assign of Task, Parallel and Map
  bool error_output = false;  // Output and Assign of a catcher
};

// The string is an expression, or means to be one: it begins with {% or ends with %}. Anything else
// is a literal.
bool looks_like_expression(std::string_view text);

// Compiles `text` (with its delimiters), which stands at `path`; faults are reported with their
// place in the expression.
JsonataQuery::Node compile_expression(StateContext& context, std::string_view text,
                                      const Path& path, const std::string& field,
                                      const ExpressionRules& rules);

}  // namespace weft::asl

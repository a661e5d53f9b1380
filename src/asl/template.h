#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asl/compilation.h"
#include "asl/expression.h"
#include "asl/jsonpath_query.h"

// Internal to src/asl: from JSON to Template. `field` is the slash path from the state that error
// causes name
// ("Output/values[0]").

namespace weft::asl {

// A JSON tree with expressions at its leaves, or a payload template; one without any becomes a
// literal.
Template compile_template(StateContext& context, const json::Value& value, const Path& path,
                          const std::string& field, const ExpressionRules& rules);

// The state's own field `name` as a template; nothing when absent.
std::optional<Template> compile_field(StateContext& context, std::string_view name,
                                      const ExpressionRules& rules);

// What a scalar member must be when it is a literal.
struct ScalarType {
  enum class Kind : uint8_t { kInteger, kNumber, kString };
  Kind kind = Kind::kString;
  int64_t min = 0;
  int64_t max = 0;
  PathQuery::Words words = PathQuery::Words::kNumber;  // of its `...Path` twin
};

// Member `name` of `object`: a literal of `type`, or an expression in a JSONata state; in a
// JSONPath state also the path in the member called `<name>Path`. `field` is its slash path.
std::optional<Template> compile_scalar(StateContext& context, const json::Value& object,
                                       const Path& path, std::string_view name,
                                       const std::string& field, const ScalarType& type);

// `Assign` of the state, of a Choice rule or of a catcher (`owner`); `prefix` is the owner's slash
// path with its slash.
std::vector<Assignment> compile_assign(StateContext& context, const json::Value& owner,
                                       const Path& path, const std::string& prefix,
                                       const ExpressionRules& rules);

// Reports which of `names` a template that is an object lacks (an expression may give them at run
// time).
void require_template_members(StateContext& context, const Template& object, const Path& path,
                              std::initializer_list<std::string_view> names);

}  // namespace weft::asl

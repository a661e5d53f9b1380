#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "asl/compilation.h"
#include "asl/jsonpath_query.h"

// Internal to src/asl: from JSON to the fields of JSONPath states. Texts of findings are AWS's
// where one is recorded.

namespace weft::asl {

// A path; a finding and nothing when it is none. A JSON null is none here.
std::optional<jsonpath::StatePath> compile_path(Compilation& compilation, const json::Value& value,
                                                const Path& path);

// The member `name` of `object` ("SecondsPath") as a query of its value. Nothing when absent.
std::optional<Template> compile_path_field(StateContext& context, const json::Value& object,
                                           const Path& path, std::string_view name,
                                           PathQuery::Words words);

// A payload template on `document`; a literal when nothing in it is evaluated.
Template compile_payload_on(StateContext& context, const json::Value& value, const Path& path,
                            const std::string& field, Document document);

// The value of the member `name` (which ends in ".$") of an Assign.
Template compile_assigned_path(StateContext& context, std::string_view name,
                               const json::Value& value, const Path& owner,
                               const std::string& field, Document document);

// InputPath; nothing when the state takes all of its input.
std::optional<Template> compile_input_selection(StateContext& context);
// ResultSelector, ResultPath and OutputPath; nothing when the result is the output.
std::optional<Template> compile_output_shape(StateContext& context);
// ResultPath of a catcher; nothing when the error output replaces the input.
std::optional<Template> compile_caught_shape(StateContext& context, const json::Value& catcher,
                                             const Path& path, const std::string& field);
// ItemsPath, `$` when absent. A distributed Map takes an object's members for items, too; an inline
// one refuses an object (recorded on AWS in December 2025).
std::optional<Template> compile_items_path(StateContext& context, bool distributed);
// ErrorPath or CausePath: a path, or a call of a function that gives a text.
std::optional<Template> compile_text_path(StateContext& context, std::string_view name);

}  // namespace weft::asl

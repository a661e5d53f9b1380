#include "asl/jsonpath_fields.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "asl/fields.h"
#include "json/build.h"

namespace weft::asl {
namespace {

constexpr std::string_view kNoPath = "Value must be a valid JSONPath.";
constexpr std::string_view kNoReferencePath = "Value must be a valid Reference Path.";

Template of_query(std::shared_ptr<const Query> query, std::string_view field) {
  return Template{.query = std::move(query), .field = std::string(field)};
}

// AWS locates a problem at the template; line and column are those of the entry.
void report(Compilation& compilation, const Path& path,
            const std::vector<jsonpath::TemplateProblem>& problems) {
  for (const jsonpath::TemplateProblem& problem : problems) {
    Path entry = path;
    for (const std::string& name : problem.place) entry = entry.member(name);
    entry.location = path.location;
    compilation.error(entry, problem.message);
  }
}

// "ResultPath" of a state or a catcher.
void compile_result_path(StateContext& context, const json::Value& owner, const Path& path,
                         OutputQuery::Parts& parts) {
  json::Value value = owner.find("ResultPath");
  if (value.is_undefined()) return;
  if (value.is_null()) {
    parts.discard_result = true;
    return;
  }
  Compilation& compilation = context.compilation();
  if (!value.is_string()) {
    compilation.error(path.member("ResultPath"), "Expected value of type String");
    return;
  }
  auto reference = jsonpath::ReferencePath::compile(value.as_string());
  if (!reference) {
    compilation.error(path.member("ResultPath"), std::string(kNoReferencePath));
  } else if (!reference->is_whole_document()) {
    parts.result_path = *std::move(reference);
  }
}

void compile_output_path(StateContext& context, OutputQuery::Parts& parts) {
  json::Value value = context.json.find("OutputPath");
  if (value.is_undefined()) return;
  if (value.is_null()) {
    parts.empty_output = true;
    return;
  }
  auto path = compile_path(context.compilation(), value, context.path.member("OutputPath"));
  if (path && !path->is_whole_document()) parts.output_path = *std::move(path);
}

void compile_selector(StateContext& context, OutputQuery::Parts& parts) {
  json::Value value = context.json.find("ResultSelector");
  Path at = context.path.member("ResultSelector");
  if (value.is_undefined() || !expect_object(context.compilation(), value, at)) return;
  auto payload = jsonpath::Template::compile(value);
  if (!payload) return report(context.compilation(), at, payload.error());
  parts.selector = PayloadQuery(value, *std::move(payload), Document::kResult);
}

bool shapes_nothing(const OutputQuery::Parts& parts) {
  return !parts.selector && !parts.discard_result && !parts.result_path && !parts.empty_output &&
         !parts.output_path;
}

}  // namespace

std::optional<jsonpath::StatePath> compile_path(Compilation& compilation, const json::Value& value,
                                                const Path& path) {
  if (!value.is_string()) {
    compilation.error(path, "Expected value of type String");
    return std::nullopt;
  }
  auto compiled = jsonpath::StatePath::compile(value.as_string());
  if (compiled && value.as_string().starts_with('$')) return *std::move(compiled);
  compilation.error(path, std::string(kNoPath));
  return std::nullopt;
}

std::optional<Template> compile_path_field(StateContext& context, const json::Value& object,
                                           const Path& path, std::string_view name,
                                           PathQuery::Words words) {
  json::Value value = object.find(name);
  if (value.is_undefined()) return std::nullopt;
  auto compiled = compile_path(context.compilation(), value, path.member(name));
  if (!compiled) return std::nullopt;
  return of_query(
      std::make_shared<PathQuery>(*std::move(compiled), std::string(name), words, Document::kInput),
      name);
}

Template compile_payload_on(StateContext& context, const json::Value& value, const Path& path,
                            const std::string& field, Document document) {
  auto payload = jsonpath::Template::compile(value);
  if (!payload) {
    report(context.compilation(), path, payload.error());
    return Template{.literal = value, .field = field};
  }
  if (payload->is_literal()) return Template{.literal = value, .field = field};
  return of_query(std::make_shared<PayloadQuery>(value, *std::move(payload), document), field);
}

Template compile_assigned_path(StateContext& context, std::string_view name,
                               const json::Value& value, const Path& owner,
                               const std::string& field, Document document) {
  json::Arena& arena = *context.compilation().program().arena;
  json::ObjectBuilder object(arena);
  object.add(name, value);
  const json::Value source = object.finish();
  auto payload = jsonpath::Template::compile(source);
  if (!payload) {
    report(context.compilation(), owner, payload.error());
    return Template{.literal = value, .field = field};
  }
  return of_query(std::make_shared<MemberQuery>(*std::move(payload), document), field);
}

std::optional<Template> compile_input_selection(StateContext& context) {
  json::Value value = context.json.find("InputPath");
  if (value.is_undefined()) return std::nullopt;
  if (value.is_null()) {
    json::ObjectBuilder nothing(*context.compilation().program().arena);
    return Template{.literal = nothing.finish(), .field = "InputPath"};
  }
  auto path = compile_path(context.compilation(), value, context.path.member("InputPath"));
  if (!path || path->is_whole_document()) return std::nullopt;
  return of_query(std::make_shared<PathQuery>(*std::move(path), "InputPath",
                                              PathQuery::Words::kPath, Document::kRawInput),
                  "InputPath");
}

std::optional<Template> compile_output_shape(StateContext& context) {
  OutputQuery::Parts parts;
  compile_selector(context, parts);
  compile_result_path(context, context.json, context.path, parts);
  compile_output_path(context, parts);
  if (shapes_nothing(parts)) return std::nullopt;
  return of_query(std::make_shared<OutputQuery>(std::move(parts)), "OutputPath");
}

std::optional<Template> compile_caught_shape(StateContext& context, const json::Value& catcher,
                                             const Path& path, const std::string& field) {
  OutputQuery::Parts parts{.result = Document::kErrorOutput};
  compile_result_path(context, catcher, path, parts);
  if (shapes_nothing(parts)) return std::nullopt;
  return of_query(std::make_shared<OutputQuery>(std::move(parts)), field);
}

std::optional<Template> compile_items_path(StateContext& context, bool distributed) {
  const auto words = distributed ? PathQuery::Words::kEntries : PathQuery::Words::kItems;
  if (!context.json.find("ItemsPath").is_undefined()) {
    return compile_path_field(context, context.json, context.path, "ItemsPath", words);
  }
  auto whole = jsonpath::StatePath::compile("$");
  if (!whole) return std::nullopt;
  return of_query(
      std::make_shared<PathQuery>(*std::move(whole), "ItemsPath", words, Document::kInput),
      "ItemsPath");
}

std::optional<Template> compile_text_path(StateContext& context, std::string_view name) {
  json::Value value = context.json.find(name);
  if (!value.is_string() || !jsonpath::looks_like_intrinsic(value.as_string())) {
    return compile_path_field(context, context.json, context.path, name, PathQuery::Words::kText);
  }
  // The functions whose results are texts (AWS page "Fail workflow state").
  constexpr std::array<std::string_view, 7> kTextFunctions = {
      "States.Format",       "States.JsonToString", "States.ArrayGetItem", "States.Base64Encode",
      "States.Base64Decode", "States.Hash",         "States.UUID"};
  auto call = jsonpath::Intrinsic::compile(value.as_string());
  if (!call || std::ranges::find(kTextFunctions, call->function()) == kTextFunctions.end()) {
    context.compilation().error(
        context.path.member(name),
        "Value must be a valid JSONPath or a valid intrinsic function call that gives a string.");
    return std::nullopt;
  }
  return of_query(std::make_shared<CallQuery>(*std::move(call)), name);
}

}  // namespace weft::asl

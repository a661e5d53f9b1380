#include <array>

#include <fmt/format.h>

#include "asl/call_members.h"
#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/resource.h"
#include "asl/template.h"

namespace weft::asl {
namespace {

// `Resource` and its arguments stand together or not at all.
void compile_export(StateContext& context, const json::Value& json, const Path& path,
                    ResultWriter& writer) {
  Compilation& compilation = context.compilation();
  const std::string_view arguments = context.jsonata() ? "Arguments" : "Parameters";
  const bool exports =
      !json.find("Resource").is_undefined() || !json.find(arguments).is_undefined();
  if (!exports) {
    if (json.find("WriterConfig").is_undefined()) {
      compilation.error(path,
                        fmt::format("At least one of these fields is required: [Resource and {}, "
                                    "WriterConfig]",
                                    arguments));
    }
    return;
  }
  if (!require_members(compilation, json, path, {"Resource", arguments})) {
    return;
  }
  const std::optional<std::string> resource = read_string(compilation, json, path, "Resource");
  if (resource && service_action(*resource) != "s3:putObject") {
    compilation.error(
        path.member("Resource"),
        fmt::format("The resource provided {} is not recognized. The value is not a valid resource "
                    "ARN, or the resource is not available in this region.",
                    *resource));
    compilation.hint(meant_resource(*resource, std::array<std::string_view, 1>{"s3:putObject"}));
  }
  Path at = path.member(arguments);
  writer.arguments = compile_template(context, json.find(arguments), at,
                                      fmt::format("ResultWriter/{}", arguments), {});
  check_call_members(context, json.find(arguments), at, "s3:putObject");
  require_template_members(context, *writer.arguments, at, {"Bucket"});
}

void compile_writer_config(StateContext& context, const json::Value& json, const Path& path,
                           ResultWriter& writer) {
  using enum ResultWriter::Transformation;
  Compilation& compilation = context.compilation();
  writer.transformation = writer.arguments ? kNone : kCompact;
  json::Value config = json.find("WriterConfig");
  Path at = path.member("WriterConfig");
  if (config.is_undefined() || !expect_object(compilation, config, at)) {
    return;
  }
  constexpr std::array<std::string_view, 2> kAllowed = {"Transformation", "OutputType"};
  check_members(compilation, config, at, kAllowed);
  const std::optional<std::string> transformation =
      read_choice(compilation, config, at, "Transformation", {"NONE", "COMPACT", "FLATTEN"});
  if (transformation) {
    writer.transformation = *transformation == "NONE"      ? kNone
                            : *transformation == "COMPACT" ? kCompact
                                                           : kFlatten;
  }
  writer.lines = read_choice(compilation, config, at, "OutputType", {"JSON", "JSONL"}) == "JSONL";
}

}  // namespace

std::optional<ResultWriter> compile_result_writer(StateContext& context) {
  json::Value json = context.json.find("ResultWriter");
  Path path = context.path.member("ResultWriter");
  Compilation& compilation = context.compilation();
  if (json.is_undefined() || !expect_object(compilation, json, path)) {
    return std::nullopt;
  }
  const std::array<std::string_view, 3> allowed = {
      "Resource", context.jsonata() ? "Arguments" : "Parameters", "WriterConfig"};
  check_members(compilation, json, path, allowed);
  ResultWriter writer;
  compile_export(context, json, path, writer);
  compile_writer_config(context, json, path, writer);
  return writer;
}

}  // namespace weft::asl

#include <array>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/resource.h"
#include "asl/template.h"

namespace weft::asl {
namespace {

std::optional<ItemReader::Source> parse_source(std::string_view resource) {
  const std::optional<std::string_view> action = service_action(resource);
  if (action == "s3:listObjectsV2") {
    return ItemReader::Source::kListObjectsV2;
  }
  return action == "s3:getObject" ? std::optional(ItemReader::Source::kGetObject) : std::nullopt;
}

void compile_source(StateContext& context, const json::Value& json, const Path& path,
                    ItemReader& reader) {
  std::optional<std::string> resource = read_string(context.compilation(), json, path, "Resource");
  if (!resource) {
    return;
  }
  if (std::optional<ItemReader::Source> source = parse_source(*resource)) {
    reader.source = *source;
    return;
  }
  context.compilation().error(
      path.member("Resource"),
      fmt::format("The resource provided {} is not recognized. The value is not a valid resource "
                  "ARN, or the resource is not available in this region.",
                  *resource));
}

void compile_arguments(StateContext& context, const json::Value& json, const Path& path,
                       ItemReader& reader) {
  Compilation& compilation = context.compilation();
  const std::string_view name = context.jsonata() ? "Arguments" : "Parameters";
  if (!require_members(compilation, json, path, {name})) {
    return;
  }
  Path at = path.member(name);
  reader.arguments =
      compile_template(context, json.find(name), at, fmt::format("ItemReader/{}", name), {});
  require_template_members(context, *reader.arguments, at, {"Bucket"});
  if (reader.source == ItemReader::Source::kGetObject) {
    require_template_members(context, *reader.arguments, at, {"Key"});
  }
}

// Fields of ReaderConfig that AWS has and this program cannot follow yet.
void refuse_unsupported(Compilation& compilation, const json::Value& config, const Path& path) {
  for (std::string_view name :
       {"CSVHeaderLocation", "CSVHeaders", "CSVDelimiter", "ManifestType", "ItemsPointer"}) {
    if (!config.find(name).is_undefined()) {
      compilation.error(path.member(name), fmt::format("'{}' is not supported yet", name),
                        kUnsupportedFeature);
    }
  }
  if (read_choice(compilation, config, path, "Transformation", {"NONE", "LOAD_AND_FLATTEN"}) ==
      "LOAD_AND_FLATTEN") {
    compilation.error(path.member("Transformation"),
                      "Transformation 'LOAD_AND_FLATTEN' is not supported yet",
                      kUnsupportedFeature);
  }
}

void compile_config(StateContext& context, const json::Value& json, const Path& path,
                    ItemReader& reader) {
  Compilation& compilation = context.compilation();
  const bool file = reader.source == ItemReader::Source::kGetObject;
  json::Value config = json.find("ReaderConfig");
  Path at = path.member("ReaderConfig");
  if (config.is_undefined()) {
    if (file) {
      require_members(compilation, json, path, {"ReaderConfig"});
    }
    return;
  }
  if (!expect_object(compilation, config, at)) {
    return;
  }
  constexpr std::array<std::string_view, 9> kAllowed = {
      "InputType",  "MaxItems",     "MaxItemsPath", "Transformation", "CSVHeaderLocation",
      "CSVHeaders", "CSVDelimiter", "ManifestType", "ItemsPointer"};
  check_members(compilation, config, at, kAllowed);
  refuse_unsupported(compilation, config, at);
  if (file && config.find("ManifestType").is_undefined()) {
    require_members(compilation, config, at, {"InputType"});
  }
  std::optional<std::string> type = read_choice(compilation, config, at, "InputType",
                                                {"CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"});
  if (type && file && type != "JSON") {
    compilation.error(at.member("InputType"),
                      fmt::format("InputType '{}' is not supported yet", *type),
                      kUnsupportedFeature);
  }
  if (file) {
    reader.input_type = type.value_or("");
  }
  reader.max_items =
      compile_scalar(context, config, at, "MaxItems", "ItemReader/ReaderConfig/MaxItems",
                     {.kind = ScalarType::Kind::kInteger, .min = 0, .max = 100'000'000});
}

}  // namespace

std::optional<ItemReader> compile_item_reader(StateContext& context) {
  json::Value json = context.json.find("ItemReader");
  Path path = context.path.member("ItemReader");
  Compilation& compilation = context.compilation();
  if (json.is_undefined() || !expect_object(compilation, json, path)) {
    return std::nullopt;
  }
  const std::array<std::string_view, 3> allowed = {
      "Resource", context.jsonata() ? "Arguments" : "Parameters", "ReaderConfig"};
  check_members(compilation, json, path, allowed);
  require_members(compilation, json, path, {"Resource"});
  ItemReader reader;
  compile_source(context, json, path, reader);
  compile_arguments(context, json, path, reader);
  compile_config(context, json, path, reader);
  return reader;
}

}  // namespace weft::asl

#include <array>
#include <set>

#include <fmt/format.h>

#include "asl/call_members.h"
#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/json_pointer.h"
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

std::string_view source_call(ItemReader::Source source) {
  return source == ItemReader::Source::kListObjectsV2 ? "s3:listObjectsV2" : "s3:getObject";
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
  context.compilation().hint(meant_resource(
      *resource, std::array<std::string_view, 2>{source_call(ItemReader::Source::kListObjectsV2),
                                                 source_call(ItemReader::Source::kGetObject)}));
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
  check_call_members(context, json.find(name), at, source_call(reader.source));
  require_template_members(context, *reader.arguments, at, {"Bucket"});
  if (reader.source == ItemReader::Source::kGetObject) {
    require_template_members(context, *reader.arguments, at, {"Key"});
  }
}

// What a field of ReaderConfig needs beside it, in AWS's terms.
void check_only_with(Compilation& compilation, const json::Value& config, const Path& at,
                     std::string_view name, bool allowed, std::string_view with,
                     std::string_view value) {
  if (allowed || config.find(name).is_undefined()) {
    return;
  }
  compilation.error_about(
      at, name, fmt::format("Field '{}' is only supported when '{}' is '{}'", name, with, value));
}

// Names of columns: texts, none of them twice, in all no longer than a header may be.
void check_csv_headers(Compilation& compilation, const json::Value& headers, const Path& at) {
  if (!expect_array(compilation, headers, at)) {
    return;
  }
  std::set<std::string_view> names;
  for (uint32_t i = 0; i < headers.size(); ++i) {
    if (!headers.item(i).is_string()) {
      return compilation.error(at.element(i), "Expected value of type String");
    }
    if (!names.insert(headers.item(i).as_string()).second) {
      return compilation.error(at.element(i), "CSV headers cannot contain duplicates.");
    }
  }
  if (names.empty()) {
    compilation.error(at, "The field 'CSVHeaders' should have at least one name");
  }
}

void compile_csv(StateContext& context, const json::Value& config, const Path& at,
                 ItemReader& reader) {
  Compilation& compilation = context.compilation();
  const bool csv = reader.input_type == "CSV";
  for (std::string_view name : {"CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"}) {
    check_only_with(compilation, config, at, name, csv, "InputType", "CSV");
  }
  if (!csv) {
    return;
  }
  require_members(compilation, config, at, {"CSVHeaderLocation"});
  reader.csv_header_location =
      read_choice(compilation, config, at, "CSVHeaderLocation", {"FIRST_ROW", "GIVEN"})
          .value_or("");
  reader.csv_delimiter = read_choice(compilation, config, at, "CSVDelimiter",
                                     {"COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"})
                             .value_or("");
  const bool given = reader.csv_header_location == "GIVEN";
  if (given) {
    require_members(compilation, config, at, {"CSVHeaders"});
  } else if (!reader.csv_header_location.empty()) {
    check_only_with(compilation, config, at, "CSVHeaders", false, "CSVHeaderLocation", "GIVEN");
  }
  const json::Value headers = config.find("CSVHeaders");
  if (!given || headers.is_undefined()) {
    return;
  }
  const Path headers_at = at.member("CSVHeaders");
  Template names =
      compile_template(context, headers, headers_at, "ItemReader/ReaderConfig/CSVHeaders", {});
  if (names.is_literal()) {
    check_csv_headers(compilation, headers, headers_at);
  }
  reader.csv_headers = std::move(names);
}

void compile_pointer(StateContext& context, const json::Value& config, const Path& at,
                     ItemReader& reader) {
  Compilation& compilation = context.compilation();
  check_only_with(compilation, config, at, "ItemsPointer", reader.input_type == "JSON", "InputType",
                  "JSON");
  reader.items_pointer =
      compile_scalar(context, config, at, "ItemsPointer", "ItemReader/ReaderConfig/ItemsPointer",
                     {.kind = ScalarType::Kind::kString});
  if (reader.items_pointer && reader.items_pointer->is_literal() &&
      !is_json_pointer(reader.items_pointer->literal.as_string())) {
    compilation.error(at.member("ItemsPointer"),
                      "The value must be a JSON Pointer: \"\" or parts that start with '/', with "
                      "'~' only in '~0' and '~1'");
  }
}

// What the manifest lists, or the types that go without one.
void compile_manifest(Compilation& compilation, const json::Value& config, const Path& at,
                      ItemReader& reader) {
  const bool file = reader.source == ItemReader::Source::kGetObject;
  reader.manifest_type =
      read_choice(compilation, config, at, "ManifestType", {"ATHENA_DATA", "S3_INVENTORY"})
          .value_or("");
  if (!file) {
    check_only_with(compilation, config, at, "ManifestType", false, "Resource",
                    "arn:aws:states:::s3:getObject");
    return;
  }
  const std::string& type = reader.input_type;
  if (reader.manifest_type == "ATHENA_DATA" && (type == "JSON" || type == "MANIFEST")) {
    compilation.error(at.member("InputType"),
                      "The field 'InputType' should have one of these values when 'ManifestType' "
                      "is 'ATHENA_DATA': [CSV, JSONL, PARQUET]");
  }
  if (reader.manifest_type == "S3_INVENTORY" && !type.empty() && type != "MANIFEST") {
    compilation.error(at.member("InputType"),
                      "Field 'InputType' is not supported when 'ManifestType' is 'S3_INVENTORY'");
  }
  if (reader.manifest_type.empty() && type == "MANIFEST") {
    reader.manifest_type = "S3_INVENTORY";
  }
}

void compile_transformation(Compilation& compilation, const json::Value& config, const Path& at,
                            ItemReader& reader) {
  reader.transformation =
      read_choice(compilation, config, at, "Transformation", {"NONE", "LOAD_AND_FLATTEN"})
          .value_or("");
  if (reader.source == ItemReader::Source::kGetObject) {
    if (reader.transformation == "LOAD_AND_FLATTEN") {
      check_only_with(compilation, config, at, "Transformation", false, "Resource",
                      "arn:aws:states:::s3:listObjectsV2");
    }
    return;
  }
  if (reader.transformation != "LOAD_AND_FLATTEN") {
    if (!config.find("InputType").is_undefined()) {
      compilation.warning_about(at, "InputType",
                                "Field 'InputType' has no effect: the items are the objects of the "
                                "listing, not what they hold, unless 'Transformation' is "
                                "'LOAD_AND_FLATTEN'",
                                "UNUSED_FIELD");
    }
    return;
  }
  require_members(compilation, config, at, {"InputType"});
  if (reader.input_type == "MANIFEST") {
    compilation.error(at.member("InputType"),
                      "The field 'InputType' should have one of these values when 'Transformation' "
                      "is 'LOAD_AND_FLATTEN': [CSV, JSON, JSONL, PARQUET]");
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
  const bool inventory = config.find("ManifestType").as_string() == "S3_INVENTORY";
  if (file && !inventory) {
    require_members(compilation, config, at, {"InputType"});
  }
  reader.input_type = read_choice(compilation, config, at, "InputType",
                                  {"CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"})
                          .value_or("");
  compile_manifest(compilation, config, at, reader);
  compile_transformation(compilation, config, at, reader);
  compile_csv(context, config, at, reader);
  compile_pointer(context, config, at, reader);
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

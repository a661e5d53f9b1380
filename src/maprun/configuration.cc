#include "maprun/configuration.h"

#include <algorithm>

#include <fmt/format.h>

#include "asl/call_members.h"
#include "asl/json_pointer.h"
#include "asl/map_item.h"
#include "base/limits.h"
#include "json/parse.h"
#include "json/write.h"
#include "maprun/json_array.h"

namespace weft::maprun {
namespace {

base::Result<std::string> string_argument(json::Value arguments, std::string_view name,
                                          bool required, std::string_view field = "ItemReader") {
  const json::Value value = arguments.find(name);
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_undefined() && !required) return std::string();
  const std::string found =
      value.is_undefined() ? "it is missing" : "it is " + json::to_text(value);
  return base::fail(
      base::ErrorCode::kInvalidArgument,
      fmt::format("The {}'s argument '{}' must be a string, but {}.", field, name, found));
}

std::optional<uint64_t> whole(json::Value object, std::string_view name) {
  const json::Value value = object.find(name);
  if (!value.is_number() || value.as_double() < 0) return std::nullopt;
  return static_cast<uint64_t>(value.as_double());
}

base::Text text_of(json::Value value) {
  return value.is_undefined() ? base::Text() : base::Text(json::to_text(value));
}

// The items of a Map Run over its state's input. Those of an array are taken as the engine wrote
// them: numbers keep their spelling.
base::Result<void> read_items(const base::Text& text, json::Value all, Configuration& out) {
  constexpr std::string_view kBefore = R"({"source":"state","items":)";
  const json::Value items = all.find("items");
  out.keyed = items.is_object();
  out.items.reserve(items.size());
  if (items.is_array() && text.view().starts_with(kBefore)) {
    auto split = split_array(text.view().substr(kBefore.size()), true, false, SIZE_MAX);
    if (!split) return std::unexpected(split.error());
    for (const std::string_view item : split->elements) out.items.emplace_back(item);
    return {};
  }
  json::Arena arena;
  for (uint32_t i = 0; i < items.size(); ++i) {
    arena.reset();
    const json::Value item = out.keyed ? asl::entry_of(items, i, arena) : items.item(i);
    out.items.emplace_back(json::to_text(item));
  }
  return {};
}

// The members of what an expression gave as a whole.
base::Result<void> check_members(json::Value arguments, std::string_view call,
                                 std::string_view field) {
  const std::string why = asl::unusable_member(call, arguments);
  if (why.empty()) return {};
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("The {}'s arguments cannot be used: {}.", field, why));
}

Results read_results(json::Value writer) {
  Results out;
  if (!writer.is_object()) return out;
  const std::string_view transformation = writer.find("transformation").as_string();
  if (transformation == "NONE") out.transformation = Results::Transformation::kNone;
  if (transformation == "FLATTEN") out.transformation = Results::Transformation::kFlatten;
  out.lines = writer.find("outputType").as_string() == "JSONL";
  const json::Value arguments = writer.find("arguments");
  out.exported = !arguments.is_undefined();
  if (!out.exported) return out;
  if (auto known = check_members(arguments, "s3:putObject", "ResultWriter"); !known) {
    out.fault = known.error().message;
    return out;
  }
  auto bucket = string_argument(arguments, "Bucket", true, "ResultWriter");
  auto prefix = string_argument(arguments, "Prefix", false, "ResultWriter");
  if (!bucket || !prefix) {
    out.fault = (bucket ? prefix : bucket).error().message;
    return out;
  }
  out.bucket = std::move(*bucket);
  out.prefix = std::move(*prefix);
  return out;
}

char delimiter_of(std::string_view name) {
  if (name == "PIPE") return '|';
  if (name == "SEMICOLON") return ';';
  if (name == "SPACE") return ' ';
  return name == "TAB" ? '\t' : ',';
}

base::Result<void> read_csv_headers(json::Value headers, items::Format& format) {
  format.header_in_first_row = headers.is_undefined();
  if (format.header_in_first_row) return {};
  for (uint32_t i = 0; i < headers.size(); ++i) {
    if (headers.item(i).is_string()) format.csv_header.emplace_back(headers.item(i).as_string());
  }
  if (!headers.is_array() || headers.size() == 0 || format.csv_header.size() != headers.size()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("The ItemReader's field 'CSVHeaders' must be a list of texts, "
                                  "but it is {}.",
                                  json::to_text(headers)));
  }
  return {};
}

// ReaderConfig. Map Runs stored by versions that read JSON alone have none.
base::Result<void> read_format(json::Value all, Configuration& out) {
  using Type = items::Format::Type;
  using Manifest = Configuration::Manifest;
  const std::string_view type = all.find("inputType").as_string();
  out.format.type = type == "CSV"       ? Type::kCsv
                    : type == "JSONL"   ? Type::kJsonLines
                    : type == "PARQUET" ? Type::kParquet
                                        : Type::kJson;
  const std::string_view manifest = all.find("manifestType").as_string();
  out.manifest = manifest == "S3_INVENTORY"  ? Manifest::kInventory
                 : manifest == "ATHENA_DATA" ? Manifest::kAthena
                                             : Manifest::kNone;
  out.flatten = all.find("transformation").as_string() == "LOAD_AND_FLATTEN";
  out.format.delimiter = delimiter_of(all.find("csvDelimiter").as_string());
  const json::Value pointer = all.find("itemsPointer");
  if (!pointer.is_undefined() &&
      (!pointer.is_string() || !asl::is_json_pointer(pointer.as_string()))) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("The ItemReader's field 'ItemsPointer' must be a JSON Pointer, "
                                  "but it is {}.",
                                  json::to_text(pointer)));
  }
  out.format.pointer = pointer.as_string();
  return read_csv_headers(all.find("csvHeaders"), out.format);
}

base::Result<void> read_source(const base::Text& text, json::Value all, Configuration& out) {
  const std::string_view source = all.find("source").as_string();
  if (source == "state") return read_items(text, all, out);
  const bool listing = source == "listObjectsV2";
  out.source = listing ? Configuration::Source::kListObjectsV2 : Configuration::Source::kGetObject;
  const json::Value arguments = all.find("arguments");
  auto known =
      check_members(arguments, listing ? "s3:listObjectsV2" : "s3:getObject", "ItemReader");
  if (!known) return known;
  auto bucket = string_argument(arguments, "Bucket", true);
  if (!bucket) return std::unexpected(bucket.error());
  auto name = listing ? string_argument(arguments, "Prefix", false)
                      : string_argument(arguments, "Key", true);
  if (!name) return std::unexpected(name.error());
  out.bucket = std::move(*bucket);
  (listing ? out.prefix : out.key) = std::move(*name);
  auto version = string_argument(arguments, "VersionId", false);
  if (!version) return std::unexpected(version.error());
  out.version_id = std::move(*version);
  return read_format(all, out);
}

}  // namespace

uint64_t Configuration::concurrency() const {
  const auto limit = static_cast<uint64_t>(base::kMapRunConcurrencyMax);
  return max_concurrency == 0 ? limit : std::min(max_concurrency, limit);
}

base::Result<Configuration> parse_configuration(const base::Text& text) {
  json::Arena arena;
  auto parsed = json::parse(text.view(), arena);
  if (!parsed) return std::unexpected(parsed.error());
  Configuration out;
  if (parsed->find("maxItems").as_double() < 0)
    return base::fail(base::ErrorCode::kInvalidArgument, "field MaxItems must be positive");
  out.max_items = whole(*parsed, "maxItems").value_or(0);
  out.max_concurrency = whole(*parsed, "maxConcurrency").value_or(0);
  out.tolerated_failure_count = whole(*parsed, "toleratedFailureCount");
  const json::Value percentage = parsed->find("toleratedFailurePercentage");
  if (percentage.is_number()) out.tolerated_failure_percentage = percentage.as_double();
  if (const json::Value batch = parsed->find("batch"); batch.is_object()) {
    out.batched = true;
    out.batch_items_max = whole(batch, "maxItems");
    out.batch_bytes_max = whole(batch, "maxBytes");
    out.batch_input = text_of(batch.find("input"));
  }
  out.results = read_results(parsed->find("writer"));
  out.selector_input = text_of(parsed->find("input"));
  out.selector_context = text_of(parsed->find("context"));
  out.selector_variables = text_of(parsed->find("variables"));
  if (auto source = read_source(text, *parsed, out); !source)
    return std::unexpected(source.error());
  return out;
}

}  // namespace weft::maprun

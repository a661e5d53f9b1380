#include "telemetry/otlp_protobuf_values.h"

#include <bit>

#include <fmt/format.h>

#include "json/write.h"
#include "telemetry/otlp_span.h"
#include "telemetry/span_limits.h"

namespace weft::telemetry {
namespace {

using history::WireReader;

uint64_t big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

}  // namespace

void OtlpReader::fault(std::string message) {
  if (error_.empty()) error_ = std::move(message);
}

void OtlpReader::keep(size_t bytes) {
  if (!kept_.add(bytes))
    fault(fmt::format("the request becomes more than {} bytes", kDecodedBytesMax));
}

base::Result<void> OtlpReader::result() const {
  if (error_.empty()) return {};
  return base::fail(base::ErrorCode::kSerialization, "OTLP: " + error_);
}

base::Result<void> OtlpReader::for_each_record(std::string_view body) {
  WireReader reader(body);
  while (reader.next() && error_.empty()) {
    if (reader.field() == 1) resource_records(reader.bytes());
  }
  finish(reader, "request");
  return result();
}

void OtlpReader::resource_records(std::string_view bytes) {
  std::string_view resource;
  WireReader first(bytes);  // the resource may stand behind its records
  while (first.next()) {
    if (first.field() == 1) resource = first.bytes();
  }
  begin_resource(resource);
  WireReader reader(bytes);
  while (reader.next() && error_.empty()) {
    if (reader.field() == 2) scope_records(reader.bytes());
  }
  finish(reader, "resource's list");
}

void OtlpReader::scope_records(std::string_view bytes) {
  std::string_view scope;
  WireReader first(bytes);
  while (first.next()) {
    if (first.field() == 1) scope = first.bytes();
  }
  begin_scope(scope);
  WireReader reader(bytes);
  while (reader.next() && error_.empty()) {
    if (reader.field() != 2) continue;
    keep(kRecordBytes);
    record(reader.bytes());
  }
  finish(reader, "scope's list");
}

void OtlpReader::for_each_attribute(std::string_view resource, const AttributeVisit& visit) {
  WireReader reader(resource);
  while (reader.next()) {
    if (reader.field() != 1) continue;
    const auto [key, value] = key_value(reader.bytes());
    if (!key.empty()) visit(key, value);
  }
  finish(reader, "Resource");
}

void OtlpReader::finish(const WireReader& reader, std::string_view message) {
  if (reader.damaged()) fault(fmt::format("a damaged {}", message));
}

trace::TraceId OtlpReader::trace_id(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (bytes.size() != 16) {
    fault(fmt::format("trace_id must be 16 bytes, not {}", bytes.size()));
    return {};
  }
  return {big_endian(bytes.substr(0, 8)), big_endian(bytes.substr(8))};
}

uint64_t OtlpReader::span_id(std::string_view field, std::string_view bytes) {
  if (bytes.size() == 8) return big_endian(bytes);
  if (!bytes.empty()) fault(fmt::format("{} must be 8 bytes, not {}", field, bytes.size()));
  return 0;
}

std::pair<std::string, std::string> OtlpReader::key_value(std::string_view bytes, int depth) {
  std::pair<std::string, std::string> pair;
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.field() == 1) pair.first = cut_text(reader.bytes(), kKeyBytesMax);
    if (reader.field() == 2) pair.second = any_value(reader.bytes(), depth);
  }
  keep(kAttributeBytes + pair.first.size() + pair.second.size());
  finish(reader, "KeyValue");
  return pair;
}

// As text: numbers and truth values in their usual form, lists as JSON.
std::string OtlpReader::any_value(std::string_view bytes, int depth) {
  if (depth == kOtlpDepthMax) {
    fault("attribute values nest too deep");
    return {};
  }
  WireReader reader(bytes);
  std::string text;
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
      case 7:
        text = cut_text(reader.bytes(), kValueBytesMax);
        break;
      case 2:
        text = reader.uint() != 0 ? "true" : "false";
        break;
      case 3:
        text = std::to_string(reader.int64());
        break;
      case 4:
        text = fmt::format("{}", std::bit_cast<double>(reader.fixed64()));
        break;
      case 5:
        text = list(reader.bytes(), depth + 1);
        break;
      case 6:
        text = map(reader.bytes(), depth + 1);
        break;
      default:
        break;
    }
  }
  finish(reader, "AnyValue");
  return text;
}

// Lists and maps stand in others as they are: as texts, each level would double their quotes.
std::string OtlpReader::json_value(std::string_view bytes, int depth) {
  uint32_t kind = 0;
  for (WireReader reader(bytes); reader.next();) kind = reader.field();
  std::string text = any_value(bytes, depth);
  if (kind == 5 || kind == 6) return text;
  std::string quoted;
  json::write_string(text, quoted);
  return quoted;
}

std::string OtlpReader::list(std::string_view bytes, int depth) {
  std::string text = "[";
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.field() != 1 || text.size() > kValueBytesMax) continue;
    if (text.size() > 1) text += ',';
    text += json_value(reader.bytes(), depth);
  }
  finish(reader, "ArrayValue");
  return text + "]";
}

std::string OtlpReader::map(std::string_view bytes, int depth) {
  std::string text = "{";
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.field() != 1 || text.size() > kValueBytesMax) continue;
    std::string key;
    std::string value = "\"\"";
    WireReader pair(reader.bytes());
    while (pair.next()) {
      if (pair.field() == 1) key = cut_text(pair.bytes(), kKeyBytesMax);
      if (pair.field() == 2) value = json_value(pair.bytes(), depth);
    }
    finish(pair, "KeyValue");
    if (text.size() > 1) text += ',';
    json::write_string(key, text);
    text += ':';
    text += value;
  }
  finish(reader, "KeyValueList");
  return text + "}";
}

}  // namespace weft::telemetry

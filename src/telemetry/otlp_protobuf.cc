#include <bit>

#include <fmt/format.h>

#include "history/wire.h"
#include "json/write.h"
#include "telemetry/otlp_span.h"

namespace weft::telemetry {
namespace {

using base::ErrorCode;
using base::fail;
using history::WireReader;

// Field numbers: spec datadog.md 5.3.

uint64_t big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

class Decoder {
 public:
  base::Result<std::vector<InnerSpan>> request(std::string_view body) {
    WireReader reader(body);
    while (reader.next()) {
      if (reader.field() == 1) resource_spans(reader.bytes());
    }
    finish(reader, "ExportTraceServiceRequest");
    if (!error_.empty()) return fail(ErrorCode::kSerialization, "OTLP: " + error_);
    return std::move(spans_);
  }

 private:
  void finish(const WireReader& reader, std::string_view message) {
    if (reader.damaged() && error_.empty()) error_ = fmt::format("a damaged {}", message);
  }

  void resource_spans(std::string_view bytes) {
    std::string service;
    WireReader first(bytes);  // the resource may stand behind its spans
    while (first.next()) {
      if (first.field() == 1) resource(first.bytes(), service);
    }
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() == 2) scope_spans(reader.bytes(), service);
    }
    finish(reader, "ResourceSpans");
  }

  void resource(std::string_view bytes, std::string& service) {
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() != 1) continue;
      const auto [key, value] = key_value(reader.bytes());
      if (key == "service.name") service = value;
    }
    finish(reader, "Resource");
  }

  void scope_spans(std::string_view bytes, const std::string& service) {
    WireReader reader(bytes);
    while (reader.next() && error_.empty()) {
      if (reader.field() == 2) span(reader.bytes(), service);
    }
    finish(reader, "ScopeSpans");
  }

  void span(std::string_view bytes, const std::string& service) {
    InnerSpan& span = spans_.emplace_back();
    uint64_t kind = 0;
    uint64_t end_ns = 0;
    WireReader reader(bytes);
    while (reader.next()) {
      switch (reader.field()) {
        case 1:
          trace_id(reader.bytes(), span);
          break;
        case 2:
          span.span_id = span_id("span_id", reader.bytes());
          break;
        case 4:
          span.parent_id = span_id("parent_span_id", reader.bytes());
          break;
        case 5:
          span.name = cut_text(reader.bytes(), kResourceBytesMax);
          break;
        case 6:
          kind = reader.uint();
          break;
        case 7:
          span.start_ns = static_cast<int64_t>(reader.fixed64());
          break;
        case 8:
          end_ns = reader.fixed64();
          break;
        case 9:
          attribute(reader.bytes(), span);
          break;
        case 11:
          event(reader.bytes(), span);
          break;
        case 15:
          status(reader.bytes(), span);
          break;
        default:
          break;
      }
    }
    finish(reader, "Span");
    if (error_.empty() && (span.span_id == 0 || (span.trace.high | span.trace.low) == 0))
      error_ = "a Span without trace_id or span_id";
    finish_otlp_span(kind, end_ns, service, span);
  }

  void trace_id(std::string_view bytes, InnerSpan& span) {
    if (bytes.size() != 16) {
      error_ = fmt::format("trace_id must be 16 bytes, not {}", bytes.size());
      return;
    }
    span.trace = {big_endian(bytes.substr(0, 8)), big_endian(bytes.substr(8))};
  }

  uint64_t span_id(std::string_view field, std::string_view bytes) {
    if (bytes.size() == 8) return big_endian(bytes);
    if (!bytes.empty()) error_ = fmt::format("{} must be 8 bytes, not {}", field, bytes.size());
    return 0;
  }

  void attribute(std::string_view bytes, InnerSpan& span) {
    const auto [key, value] = key_value(bytes);
    if (!key.empty()) set_attribute(key, value, span);
  }

  void event(std::string_view bytes, InnerSpan& span) {
    WireReader name(bytes);
    bool exception = false;
    while (name.next()) exception = exception || (name.field() == 2 && name.bytes() == "exception");
    WireReader reader(bytes);
    while (reader.next()) {
      if (exception && reader.field() == 3) attribute(reader.bytes(), span);
    }
    finish(reader, "Event");
  }

  void status(std::string_view bytes, InnerSpan& span) {
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() == 3) span.error = reader.uint() == kOtlpStatusError;
      if (reader.field() != 2) continue;
      const std::string_view message = reader.bytes();
      if (span.error_message.empty()) span.error_message = cut_text(message, kValueBytesMax);
    }
    finish(reader, "Status");
  }

  std::pair<std::string, std::string> key_value(std::string_view bytes, int depth = 0) {
    std::pair<std::string, std::string> pair;
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() == 1) pair.first = cut_text(reader.bytes(), kKeyBytesMax);
      if (reader.field() == 2) pair.second = any_value(reader.bytes(), depth);
    }
    finish(reader, "KeyValue");
    return pair;
  }

  // As text: numbers and truth values in their usual form, lists as JSON.
  std::string any_value(std::string_view bytes, int depth) {
    if (depth == kOtlpDepthMax) {
      error_ = "attribute values nest too deep";
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

  std::string list(std::string_view bytes, int depth) {
    std::string text = "[";
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() != 1 || text.size() > kValueBytesMax) continue;
      if (text.size() > 1) text += ',';
      json::write_string(any_value(reader.bytes(), depth), text);
    }
    finish(reader, "ArrayValue");
    return text + "]";
  }

  std::string map(std::string_view bytes, int depth) {
    std::string text = "{";
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() != 1 || text.size() > kValueBytesMax) continue;
      const auto [key, value] = key_value(reader.bytes(), depth);
      if (text.size() > 1) text += ',';
      json::write_string(key, text);
      text += ':';
      json::write_string(value, text);
    }
    finish(reader, "KeyValueList");
    return text + "}";
  }

  std::vector<InnerSpan> spans_;
  std::string error_;
};

// Records at the end of a path of repeated fields: resources (1), scopes (2), records (2).
bool count_below(std::string_view bytes, int level, size_t& count) {
  if (level == 3) {
    ++count;
    return true;
  }
  WireReader reader(bytes);
  const uint32_t wanted = level == 0 ? 1 : 2;
  bool good = true;
  while (good && reader.next()) {
    if (reader.field() == wanted) good = count_below(reader.bytes(), level + 1, count);
  }
  return good && !reader.damaged();
}

}  // namespace

base::Result<std::vector<Chunk>> decode_otlp_traces_protobuf(std::string_view body) {
  auto spans = Decoder().request(body);
  if (!spans) return std::unexpected(spans.error());
  return split_by_root(std::move(*spans));
}

base::Result<size_t> count_otlp_records_protobuf(std::string_view body) {
  size_t count = 0;
  if (!count_below(body, 0, count))
    return fail(ErrorCode::kSerialization, "OTLP: a damaged request");
  return count;
}

}  // namespace weft::telemetry

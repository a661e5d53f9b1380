#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"
#include "telemetry/otlp_span.h"

namespace weft::telemetry {
namespace {

using base::ErrorCode;
using base::fail;
using json::Value;

std::unexpected<base::Error> wrong(std::string_view field, std::string_view expected, Value value) {
  std::string text = value.is_undefined() ? "nothing" : json::to_text(value);
  if (text.size() > 100) text = cut_text(text, 100) + "...";
  return fail(ErrorCode::kSerialization,
              fmt::format("OTLP: '{}' must be {}, not {}", field, expected, text));
}

// 64-bit integers are texts in proto3's JSON; some exporters write numbers.
base::Result<uint64_t> number_of(std::string_view field, Value value) {
  if (value.is_undefined() || value.is_null()) return 0;
  if (value.is_number() && value.is_integral() && value.as_int() >= 0)
    return static_cast<uint64_t>(value.as_int());
  const std::string_view text = value.as_string();
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    return wrong(field, "a whole number", value);
  return number;
}

std::optional<uint64_t> parse_hex(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

base::Result<uint64_t> span_id_of(std::string_view field, Value value, bool needed) {
  const std::string_view text = value.as_string();
  if (text.empty() && !needed) return 0;
  const auto number = text.size() == 16 ? parse_hex(text) : std::nullopt;
  if (!number || (needed && *number == 0)) return wrong(field, "16 hexadecimal digits", value);
  return *number;
}

base::Result<trace::TraceId> trace_id_of(Value value) {
  const std::string_view text = value.as_string();
  if (text.size() != 32) return wrong("traceId", "32 hexadecimal digits", value);
  const auto high = parse_hex(text.substr(0, 16));
  const auto low = parse_hex(text.substr(16));
  if (!high || !low || (*high | *low) == 0) return wrong("traceId", "32 hexadecimal digits", value);
  return trace::TraceId{*high, *low};
}

// AnyValue as text: texts as they are, all else as JSON.
std::string text_of(Value any) {
  for (size_t i = 0; i < any.size() && any.is_object(); ++i) {
    const Value value = any.member(i);
    if (value.is_string()) return std::string(value.as_string());
    const Value values = value.find("values");
    if (!values.is_array()) return json::to_text(value);
    std::string list = "[";
    for (size_t item = 0; item < values.size(); ++item) {
      if (item > 0) list += ',';
      json::write_string(text_of(values.item(item)), list);
      if (list.size() > kValueBytesMax) break;
    }
    return list + "]";
  }
  return {};
}

void read_attributes(Value list, InnerSpan& span) {
  for (size_t i = 0; list.is_array() && i < list.size(); ++i) {
    const std::string_view key = list.item(i).find("key").as_string();
    if (!key.empty()) set_attribute(key, text_of(list.item(i).find("value")), span);
  }
}

std::string service_of(Value resource) {
  const Value list = resource.find("attributes");
  for (size_t i = 0; list.is_array() && i < list.size(); ++i) {
    if (list.item(i).find("key").as_string() == "service.name")
      return text_of(list.item(i).find("value"));
  }
  return {};
}

// Exceptions are events.
void read_events(Value events, InnerSpan& span) {
  for (size_t i = 0; events.is_array() && i < events.size(); ++i) {
    if (events.item(i).find("name").as_string() == "exception")
      read_attributes(events.item(i).find("attributes"), span);
  }
}

base::Result<InnerSpan> read_span(Value value, std::string_view service) {
  if (!value.is_object()) return wrong("spans", "a list of objects", value);
  InnerSpan span;
  auto trace = trace_id_of(value.find("traceId"));
  if (!trace) return std::unexpected(trace.error());
  auto id = span_id_of("spanId", value.find("spanId"), true);
  if (!id) return std::unexpected(id.error());
  auto parent = span_id_of("parentSpanId", value.find("parentSpanId"), false);
  if (!parent) return std::unexpected(parent.error());
  auto start = number_of("startTimeUnixNano", value.find("startTimeUnixNano"));
  if (!start) return std::unexpected(start.error());
  auto end = number_of("endTimeUnixNano", value.find("endTimeUnixNano"));
  if (!end) return std::unexpected(end.error());
  span.trace = *trace;
  span.span_id = *id;
  span.parent_id = *parent;
  span.start_ns = static_cast<int64_t>(*start);
  span.name = cut_text(value.find("name").as_string(), kResourceBytesMax);
  read_attributes(value.find("attributes"), span);
  read_events(value.find("events"), span);
  const Value status = value.find("status");
  span.error = status.find("code").as_int() == kOtlpStatusError;
  if (span.error_message.empty())
    span.error_message = cut_text(status.find("message").as_string(), kValueBytesMax);
  finish_otlp_span(static_cast<uint64_t>(value.find("kind").as_int()), *end, service, span);
  return span;
}

// The items of a member that is a list, or absent.
base::Result<size_t> items_of(Value object, std::string_view field, Value& list) {
  if (!object.is_object()) return wrong(field, "in an object", object);
  list = object.find(field);
  if (list.is_undefined() || list.is_null()) return 0;
  if (!list.is_array()) return wrong(field, "a list", list);
  return list.size();
}

base::Result<void> read_resource(Value resource, std::vector<InnerSpan>& spans) {
  const std::string service = service_of(resource.find("resource"));
  Value scopes;
  auto scope_count = items_of(resource, "scopeSpans", scopes);
  if (!scope_count) return std::unexpected(scope_count.error());
  for (size_t i = 0; i < *scope_count; ++i) {
    Value list;
    auto count = items_of(scopes.item(i), "spans", list);
    if (!count) return std::unexpected(count.error());
    for (size_t j = 0; j < *count; ++j) {
      auto span = read_span(list.item(j), service);
      if (!span) return std::unexpected(span.error());
      spans.push_back(std::move(*span));
    }
  }
  return {};
}

base::Result<Value> parse_request(std::string_view body, json::Arena& arena) {
  auto request = json::parse(body, arena);
  if (!request) {
    return fail(ErrorCode::kSerialization,
                fmt::format("OTLP: the body is not JSON: {}", request.error().message));
  }
  if (!request->is_object()) return wrong("the body", "an object", *request);
  return *request;
}

// Items three lists down: resources, scopes, records.
size_t count_below(Value value, int levels) {
  if (levels == 0) return 1;
  size_t count = 0;
  for (size_t i = 0; value.is_object() && i < value.size(); ++i) {
    const Value list = value.member(i);
    const bool wanted = value.key(i).starts_with("resource") || value.key(i).starts_with("scope") ||
                        value.key(i) == "metrics" || value.key(i) == "logRecords";
    for (size_t j = 0; wanted && list.is_array() && j < list.size(); ++j)
      count += count_below(list.item(j), levels - 1);
  }
  return count;
}

}  // namespace

base::Result<std::vector<Chunk>> decode_otlp_traces_json(std::string_view body) {
  json::Arena arena;
  auto request = parse_request(body, arena);
  if (!request) return std::unexpected(request.error());
  Value resources;
  auto count = items_of(*request, "resourceSpans", resources);
  if (!count) return std::unexpected(count.error());
  std::vector<InnerSpan> spans;
  for (size_t i = 0; i < *count; ++i) {
    if (auto read = read_resource(resources.item(i), spans); !read)
      return std::unexpected(read.error());
  }
  return split_by_root(std::move(spans));
}

base::Result<size_t> count_otlp_records_json(std::string_view body) {
  json::Arena arena;
  auto request = parse_request(body, arena);
  if (!request) return std::unexpected(request.error());
  return count_below(*request, 3);
}

}  // namespace weft::telemetry

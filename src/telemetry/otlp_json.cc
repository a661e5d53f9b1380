#include "telemetry/otlp_json_values.h"
#include "telemetry/otlp_span.h"

namespace weft::telemetry {
namespace {

using json::Value;

void read_attributes(Value list, InnerSpan& span) {
  for (size_t i = 0; list.is_array() && i < list.size(); ++i) {
    const std::string_view key = list.item(i).find("key").as_string();
    if (!key.empty()) set_attribute(key, text_of(list.item(i).find("value")), span);
  }
}

// Exceptions are events.
void read_events(Value events, InnerSpan& span) {
  for (size_t i = 0; events.is_array() && i < events.size(); ++i) {
    if (events.item(i).find("name").as_string() == "exception")
      read_attributes(events.item(i).find("attributes"), span);
  }
}

base::Result<InnerSpan> read_span(Value value, std::string_view service) {
  InnerSpan span;
  auto trace = trace_id_of(value.find("traceId"), true);
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

}  // namespace

base::Result<std::vector<Chunk>> decode_otlp_traces_json(std::string_view body) {
  std::vector<InnerSpan> spans;
  std::string service;
  const void* service_of = nullptr;  // which resource
  auto read = for_each_record(body, {"resourceSpans", "scopeSpans", "spans"},
                              [&](Value resource, Value, Value record) -> base::Result<void> {
                                const void* which =
                                    resource.is_object() ? resource.object_data() : nullptr;
                                if (which != service_of) {
                                  service = attribute_of(resource, "service.name");
                                  service_of = which;
                                }
                                if (which == nullptr) service.clear();
                                auto span = read_span(record, service);
                                if (!span) return std::unexpected(span.error());
                                spans.push_back(std::move(*span));
                                return {};
                              });
  if (!read) return std::unexpected(read.error());
  return split_by_root(std::move(spans));
}

}  // namespace weft::telemetry

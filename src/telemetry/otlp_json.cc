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

trace::Attributes note_attributes(Value list) {
  trace::Attributes attributes;
  for (size_t i = 0; list.is_array() && i < list.size(); ++i) {
    set_note_attribute(list.item(i).find("key").as_string(), text_of(list.item(i).find("value")),
                       attributes);
  }
  return attributes;
}

base::Result<void> read_events(Value events, InnerSpan& span) {
  for (size_t i = 0; events.is_array() && i < events.size(); ++i) {
    const Value event = events.item(i);
    auto time = number_of("timeUnixNano", event.find("timeUnixNano"));
    if (!time) return std::unexpected(time.error());
    add_event({.time_ns = static_cast<int64_t>(*time),
               .name = std::string(event.find("name").as_string()),
               .attributes = note_attributes(event.find("attributes"))},
              span);
  }
  return {};
}

base::Result<void> read_links(Value links, InnerSpan& span) {
  for (size_t i = 0; links.is_array() && i < links.size(); ++i) {
    const Value link = links.item(i);
    auto trace = trace_id_of(link.find("traceId"), false);
    if (!trace) return std::unexpected(trace.error());
    auto id = span_id_of("spanId", link.find("spanId"), false);
    if (!id) return std::unexpected(id.error());
    add_link(
        {.trace = *trace, .span_id = *id, .attributes = note_attributes(link.find("attributes"))},
        span);
  }
  return {};
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
  if (auto read = read_events(value.find("events"), span); !read)
    return std::unexpected(read.error());
  if (auto read = read_links(value.find("links"), span); !read)
    return std::unexpected(read.error());
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

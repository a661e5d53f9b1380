#include "trace/export_jaeger.h"

#include <map>
#include <string>

#include <fmt/format.h>

#include "json/write.h"
#include "trace/error_text.h"

namespace weft::trace {
namespace {

constexpr size_t kJaegerPieceBytes = 1 << 20;

void append_tag(std::string_view key, std::string_view value, std::string& out) {
  if (out.back() != '[') out += ',';
  out += R"({"key":)";
  json::write_string(key, out);
  out += R"(,"type":"string","value":)";
  json::write_string(value, out);
  out += '}';
}

void append_number(std::string_view key, double value, std::string& out) {
  if (out.back() != '[') out += ',';
  out += R"({"key":)";
  json::write_string(key, out);
  out += fmt::format(R"(,"type":"float64","value":{}}})", value);
}

void append_tags(const Span& span, std::string& out) {
  out += R"("tags":[)";
  append_tag("weft.kind", to_string(span.kind), out);
  append_tag("status", history::to_string(span.status), out);
  if (span.failed()) out += R"(,{"key":"error","type":"bool","value":true})";
  if (!span.resource.empty()) append_tag("resource.name", span.resource, out);
  visit_error(
      span, [&out](std::string_view key, std::string_view value) { append_tag(key, value, out); });
  for (const auto& [key, value] : span.attributes) append_tag(key, value, out);
  for (const auto& [key, value] : span.numbers) append_number(key, value, out);
  out += ']';
}

// Jaeger's form of events: their name is a field.
void append_logs(const Span& span, std::string& out) {
  out += R"(,"logs":[)";
  for (const SpanEvent& event : span.events) {
    if (out.back() != '[') out += ',';
    out += fmt::format(R"({{"timestamp":{},"fields":[)", event.time_ns / 1'000);
    append_tag("event", event.name, out);
    for (const auto& [key, value] : event.attributes) append_tag(key, value, out);
    out += "]}";
  }
  out += ']';
}

void append_span(const Span& span, size_t process, std::string& out) {
  const std::string trace = span.trace.hex();
  out += fmt::format(R"({{"traceID":"{}","spanID":"{}","operationName":)", trace,
                     hex_of(span.span_id));
  json::write_string(span.name, out);
  out += R"(,"references":[)";
  if (span.parent_id != 0) {
    out += fmt::format(R"({{"refType":"CHILD_OF","traceID":"{}","spanID":"{}"}})", trace,
                       hex_of(span.parent_id));
  }
  for (const SpanLink& link : span.links) {
    if (out.back() != '[') out += ',';
    out += fmt::format(R"({{"refType":"FOLLOWS_FROM","traceID":"{}","spanID":"{}"}})",
                       link.trace.hex(), hex_of(link.span_id));
  }
  out += fmt::format(R"(],"startTime":{},"duration":{},)", span.start_us, span.duration_us);
  append_tags(span, out);
  append_logs(span, out);
  out += fmt::format(R"(,"processID":"p{}","warnings":null}})", process);
}

}  // namespace

base::Result<void> export_jaeger(const TraceSource& source, const SpanStreamOptions& options,
                                 const Write& write) {
  std::map<std::string, size_t, std::less<>> processes;  // by service
  std::string out;
  auto done = for_each_span(source, options, [&](const PlacedSpan& placed) {
    const Span& span = placed.span;
    if (processes.empty()) {
      out = fmt::format(R"({{"data":[{{"traceID":"{}","spans":[)", span.trace.hex());
    } else {
      out += ",\n";
    }
    std::string_view service = span.attribute("service.name");
    if (service.empty()) service = placed.service;
    const auto process = processes.emplace(service, processes.size() + 1).first;
    append_span(span, process->second, out);
    if (out.size() < kJaegerPieceBytes) return;
    write(out);
    out.clear();
  });
  if (!done) return done;
  out += R"(],"processes":{)";
  bool first = true;
  for (const auto& [service, number] : processes) {
    out += fmt::format(R"({}"p{}":{{"serviceName":)", first ? "" : ",", number);
    json::write_string(service, out);
    out += R"(,"tags":[]})";
    first = false;
  }
  write(out += "},\"warnings\":null}]}\n");
  return {};
}

}  // namespace weft::trace

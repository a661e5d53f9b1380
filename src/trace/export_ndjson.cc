#include "trace/export_ndjson.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/time.h"
#include "json/write.h"

namespace weft::trace {
namespace {

constexpr size_t kNdjsonPieceBytes = 1 << 20;

void append_member(std::string_view key, std::string_view value, std::string& out) {
  if (value.empty()) return;
  if (out.back() != '{') out += ',';
  json::write_string(key, out);
  out += ':';
  json::write_string(value, out);
}

void append_integer(std::string_view key, int64_t value, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"(,"{}":{})", key, value);
}

void append_attributes(const Attributes& attributes, std::string& out) {
  out += R"(,"attributes":{)";
  for (const auto& [key, value] : attributes) append_member(key, value, out);
  out += '}';
}

// Members "events" and "links", where there are any.
void append_notes(const Span& span, std::string& out) {
  const char* before = R"(,"events":[{)";
  for (const SpanEvent& event : span.events) {
    out += std::exchange(before, ",{");
    append_member("name", event.name, out);
    if (out.back() == '{') out += R"("name":"")";
    append_integer("timeUs", event.time_ns / 1'000, out);
    append_attributes(event.attributes, out);
    out += '}';
  }
  if (!span.events.empty()) out += ']';
  before = R"(,"links":[{)";
  for (const SpanLink& link : span.links) {
    out += std::exchange(before, ",{");
    append_member("traceId", link.trace.hex(), out);
    append_member("spanId", hex_of(link.span_id), out);
    append_attributes(link.attributes, out);
    out += '}';
  }
  if (!span.links.empty()) out += ']';
}

void append_line(const PlacedSpan& placed, std::string& out) {
  const Span& span = placed.span;
  out += '{';
  append_member("traceId", span.trace.hex(), out);
  append_member("spanId", hex_of(span.span_id), out);
  if (span.parent_id != 0) append_member("parentSpanId", hex_of(span.parent_id), out);
  append_member("kind", to_string(span.kind), out);
  append_member("name", span.name, out);
  append_member("resource", span.resource, out);
  append_member("start", base::format_iso_ms(span.start_us / 1'000), out);
  append_integer("startUs", span.start_us, out);
  append_integer("durationUs", span.duration_us, out);
  append_member("status", history::to_string(span.status), out);
  append_member("error", span.error, out);
  append_member("cause", span.cause, out);
  if (placed.run != nullptr) append_member("mapRunArn", placed.run->arn, out);
  if (placed.run != nullptr && span.kind != SpanKind::kGroup) {
    append_integer("childIndex", static_cast<int64_t>(placed.child_index), out);
    append_integer("lane", placed.lane, out);
  }
  append_attributes(span.attributes, out);
  if (!span.numbers.empty()) {
    out += R"(,"numbers":{)";
    for (const auto& [key, value] : span.numbers) {
      if (out.back() != '{') out += ',';
      json::write_string(key, out);
      fmt::format_to(std::back_inserter(out), ":{}", value);
    }
    out += '}';
  }
  append_notes(span, out);
  out += "}\n";
}

}  // namespace

base::Result<void> export_ndjson(const TraceSource& source, const SpanStreamOptions& options,
                                 const Write& write) {
  std::string out;
  auto done = for_each_span(source, options, [&](const PlacedSpan& placed) {
    append_line(placed, out);
    if (out.size() < kNdjsonPieceBytes) return;
    write(out);
    out.clear();
  });
  if (!out.empty()) write(out);
  return done;
}

}  // namespace weft::trace

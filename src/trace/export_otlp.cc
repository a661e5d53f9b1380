#include "trace/export_otlp.h"

#include <fmt/format.h>

#include "json/write.h"

namespace weft::trace {
namespace {

using history::ExecutionStatus;

constexpr size_t kSpansPerLine = 1'000;
// opentelemetry-proto, Span.SpanKind and Status.StatusCode.
constexpr int kInternal = 1;
constexpr int kClient = 3;
constexpr int kStatusUnset = 0;
constexpr int kStatusOk = 1;
constexpr int kStatusError = 2;

void append_attribute(std::string_view key, std::string_view value, std::string& out) {
  if (out.back() == '}') out += ',';
  out += R"({"key":)";
  json::write_string(key, out);
  out += R"(,"value":{"stringValue":)";
  json::write_string(value, out);
  out += "}}";
}

int status_code(const Span& span) {
  switch (span.status) {
    case ExecutionStatus::kSucceeded:
      return kStatusOk;
    case ExecutionStatus::kFailed:
    case ExecutionStatus::kTimedOut:
    case ExecutionStatus::kAborted:
      return kStatusError;
    default:
      return kStatusUnset;
  }
}

int kind_of(const Span& span) {
  if (span.kind == SpanKind::kLambda) return kClient;
  constexpr std::string_view kKinds[] = {"internal", "server", "client", "producer", "consumer"};
  for (int i = 0; span.kind == SpanKind::kInner && i < static_cast<int>(std::size(kKinds)); ++i) {
    if (span.attribute("span.kind") == kKinds[i]) return i + 1;
  }
  return kInternal;
}

void append_attributes(const Span& span, std::string& out) {
  out += R"(,"attributes":[)";
  append_attribute("weft.kind", to_string(span.kind), out);
  append_attribute("status", history::to_string(span.status), out);
  if (!span.resource.empty()) append_attribute("resource.name", span.resource, out);
  if (!span.error.empty()) append_attribute("error.type", span.error, out);
  if (!span.cause.empty()) append_attribute("error.message", span.cause, out);
  for (const auto& [key, value] : span.attributes) append_attribute(key, value, out);
  out += ']';
}

void append_span(const Span& span, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"({{"traceId":"{}","spanId":"{}")", span.trace.hex(),
                 hex_of(span.span_id));
  if (span.parent_id != 0) out += fmt::format(R"(,"parentSpanId":"{}")", hex_of(span.parent_id));
  out += R"(,"name":)";
  json::write_string(span.name, out);
  fmt::format_to(std::back_inserter(out),
                 R"(,"kind":{},"startTimeUnixNano":"{}","endTimeUnixNano":"{}")", kind_of(span),
                 span.start_us * 1'000, span.end_us() * 1'000);
  append_attributes(span, out);
  out += fmt::format(R"(,"status":{{"code":{})", status_code(span));
  if (!span.error.empty()) {
    out += R"(,"message":)";
    json::write_string(span.error, out);
  }
  out += "}}";
}

std::string line_start(const TraceSource& source) {
  std::string out = R"({"resourceSpans":[{"resource":{"attributes":[)";
  append_attribute("service.name", source.parent.machine, out);
  append_attribute("aws.stepfunctions.execution_arn", source.parent.arn, out);
  out += R"(]},"scopeSpans":[{"scope":{"name":"weft"},"spans":[)";
  return out;
}

}  // namespace

base::Result<void> export_otlp(const TraceSource& source, const SpanStreamOptions& options,
                               const Write& write) {
  const std::string start = line_start(source);
  constexpr std::string_view kEnd = "]}]}]}\n";
  std::string line = start;
  size_t spans = 0;
  auto done = for_each_span(source, options, [&](const PlacedSpan& placed) {
    if (spans > 0) line += ',';
    append_span(placed.span, line);
    if (++spans < kSpansPerLine) return;
    write(line += kEnd);
    line = start;
    spans = 0;
  });
  if (spans > 0) write(line += kEnd);
  return done;
}

}  // namespace weft::trace

#include "trace/otlp_batch.h"

#include <utility>

#include <fmt/format.h>

#include "json/write.h"
#include "trace/error_text.h"

namespace weft::trace {
namespace {

using history::ExecutionStatus;

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

void append_number(std::string_view key, double value, std::string& out) {
  if (out.back() == '}') out += ',';
  out += R"({"key":)";
  json::write_string(key, out);
  out += fmt::format(R"(,"value":{{"doubleValue":{}}}}})", value);
}

// OpenTelemetry's "tracestate: probability sampling": of 2^56 so many are left out. Empty for what
// stands for itself alone.
std::string threshold_of(double weight) {
  constexpr uint64_t kAll = uint64_t{1} << 56;
  if (weight <= 1) return "";
  const auto kept = static_cast<uint64_t>(static_cast<double>(kAll) / weight);
  std::string digits = fmt::format("{:014x}", kAll - kept);
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

int status_code(const Span& span) {
  if (span.failed()) return kStatusError;
  return span.status == ExecutionStatus::kSucceeded ? kStatusOk : kStatusUnset;
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
  visit_error(span, [&out](std::string_view key, std::string_view value) {
    append_attribute(key, value, out);
  });
  for (const auto& [key, value] : span.attributes) append_attribute(key, value, out);
  for (const auto& [key, value] : span.numbers) append_number(key, value, out);
  out += ']';
}

void append_note_attributes(const Attributes& attributes, std::string& out) {
  out += R"("attributes":[)";
  for (const auto& [key, value] : attributes) append_attribute(key, value, out);
  out += "]}";
}

// Members "events" and "links", where there are any.
void append_notes(const Span& span, std::string& out) {
  const char* before = R"(,"events":[)";
  for (const SpanEvent& event : span.events) {
    out += fmt::format(R"({}{{"timeUnixNano":"{}","name":)", std::exchange(before, ","),
                       event.time_ns);
    json::write_string(event.name, out);
    out += ',';
    append_note_attributes(event.attributes, out);
  }
  if (!span.events.empty()) out += ']';
  before = R"(,"links":[)";
  for (const SpanLink& link : span.links) {
    out += fmt::format(R"({}{{"traceId":"{}","spanId":"{}",)", std::exchange(before, ","),
                       link.trace.hex(), hex_of(link.span_id));
    append_note_attributes(link.attributes, out);
  }
  if (!span.links.empty()) out += ']';
}

void append_span(const Span& span, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"({{"traceId":"{}","spanId":"{}")", span.trace.hex(),
                 hex_of(span.span_id));
  if (span.parent_id != 0) out += fmt::format(R"(,"parentSpanId":"{}")", hex_of(span.parent_id));
  if (const std::string threshold = threshold_of(span.weight); !threshold.empty()) {
    out += fmt::format(R"(,"traceState":"ot=th:{}")", threshold);
  }
  out += R"(,"name":)";
  json::write_string(span.name, out);
  fmt::format_to(std::back_inserter(out),
                 R"(,"kind":{},"startTimeUnixNano":"{}","endTimeUnixNano":"{}")", kind_of(span),
                 span.start_us * 1'000, span.end_us() * 1'000);
  append_attributes(span, out);
  append_notes(span, out);
  out += fmt::format(R"(,"status":{{"code":{})", status_code(span));
  if (span.failed() && !span.error.empty()) {
    out += R"(,"message":)";
    json::write_string(span.error, out);
  }
  out += "}}";
}

}  // namespace

void OtlpBatch::add(const Span& span, std::string_view service) {
  const std::string_view own = span.attribute("service.name");
  std::string& spans = spans_[std::string(own.empty() ? service : own)];
  if (!spans.empty()) spans += ',';
  const size_t before = spans.size();
  append_span(span, spans);
  bytes_ += spans.size() - before;
  ++count_;
}

std::string OtlpBatch::take() {
  std::string out = R"({"resourceSpans":[)";
  for (const auto& [service, spans] : spans_) {
    if (out.back() == '}') out += ',';
    out += R"({"resource":{"attributes":[)";
    append_attribute("service.name", service, out);
    out += R"(]},"scopeSpans":[{"scope":{"name":"weft"},"spans":[)";
    out += spans;
    out += "]}]}";
  }
  out += "]}";
  spans_.clear();
  count_ = bytes_ = 0;
  return out;
}

}  // namespace weft::trace

#include "telemetry/datadog_batch.h"

#include <fmt/format.h>

#include "base/check.h"
#include "json/write.h"
#include "telemetry/span_limits.h"
#include "trace/error_text.h"

// The header turns `bool` into a macro.
extern "C" {
#include <mpack.h>
}
#undef bool

namespace weft::telemetry {
namespace {

using trace::Span;
using trace::SpanKind;

void put(mpack_token_t token, std::string& out) {
  mpack_tokbuf_t buffer;
  mpack_tokbuf_init(&buffer);
  char bytes[16];
  char* at = bytes;
  size_t room = sizeof(bytes);
  WEFT_CHECK(mpack_write(&buffer, &at, &room, &token) == MPACK_OK);
  out.append(bytes, sizeof(bytes) - room);
}

void put_text(std::string_view text, std::string& out) {
  put(mpack_pack_str(static_cast<mpack_uint32_t>(text.size())), out);
  out += text;
}

void put_uint(std::string_view key, uint64_t value, std::string& out) {
  put_text(key, out);
  put(mpack_pack_uint(value), out);
}

void put_member(std::string_view key, std::string_view value, size_t max, std::string& out) {
  put_text(key, out);
  put_text(cut_text(value, max), out);
}

std::string_view operation_of(const Span& span) {
  switch (span.kind) {
    case SpanKind::kExecution:
    case SpanKind::kChild:
      return "aws.stepfunctions";
    case SpanKind::kState:
      return "aws.stepfunctions.state";
    case SpanKind::kAttempt:
      return "aws.stepfunctions.task";
    case SpanKind::kIteration:
      return "aws.stepfunctions.iteration";
    case SpanKind::kBranch:
      return "aws.stepfunctions.branch";
    case SpanKind::kMapRun:
      return "aws.stepfunctions.map_run";
    case SpanKind::kLambda:
      return "aws.lambda";
    case SpanKind::kQueue:
      return "weft.queue";
    case SpanKind::kColdStart:
      return "weft.cold_start";
    case SpanKind::kWait:
      return "weft.retry_wait";
    case SpanKind::kTokenWait:
      return "weft.token_wait";
    case SpanKind::kInner:
    case SpanKind::kGroup:
      return span.name;
  }
  return span.name;
}

std::string resource_of(const Span& span, std::string_view service) {
  if (span.kind == SpanKind::kExecution || span.kind == SpanKind::kChild) {
    std::string machine(span.attribute("statemachinename"));
    if (machine.empty()) machine = service;
    if (const auto label = span.attribute("map_label"); !label.empty()) {
      (machine += '/') += label;
    }
    return machine;
  }
  const bool by_resource = span.kind == SpanKind::kInner || span.kind == SpanKind::kAttempt ||
                           span.kind == SpanKind::kGroup;
  return by_resource && !span.resource.empty() ? span.resource : span.name;
}

// Tags, counted while they are written: MessagePack says the number first.
class Meta {
 public:
  void add(std::string_view key, std::string_view value) {
    if (value.empty() || count_ == kAttributesMax) return;
    put_member(cut_text(key, kKeyBytesMax), value, kValueBytesMax, bytes_);
    ++count_;
  }
  void write_to(std::string& out) const {
    put_text("meta", out);
    put(mpack_pack_map(count_), out);
    out += bytes_;
  }

 private:
  uint32_t count_ = 0;
  std::string bytes_;
};

// A list of JSON that grows while it stays within what a tag may hold: cut, it would be none.
class JsonList {
 public:
  void add(const std::string& item) {
    if (text_.size() + item.size() + 2 > kValueBytesMax) return;
    text_ += text_.empty() ? "[" : ",";
    text_ += item;
  }
  // "" when it is empty.
  std::string finish() { return text_.empty() ? text_ : text_ + ']'; }

 private:
  std::string text_;
};

void append_attributes(const trace::Attributes& attributes, std::string& out) {
  out += R"("attributes":{)";
  for (const auto& [key, value] : attributes) {
    if (out.back() != '{') out += ',';
    json::write_string(key, out);
    out += ':';
    json::write_string(value, out);
  }
  out += "}}";
}

// As all versions of the agent take them.
void add_notes(const Span& span, Meta& meta) {
  JsonList events;
  for (const trace::SpanEvent& event : span.events) {
    std::string one = R"({"name":)";
    json::write_string(event.name, one);
    one += fmt::format(R"(,"time_unix_nano":{},)", event.time_ns);
    append_attributes(event.attributes, one);
    events.add(one);
  }
  meta.add("events", events.finish());
  JsonList links;
  for (const trace::SpanLink& link : span.links) {
    std::string one = fmt::format(R"({{"trace_id":"{}","span_id":"{}",)", link.trace.hex(),
                                  trace::hex_of(link.span_id));
    append_attributes(link.attributes, one);
    links.add(one);
  }
  meta.add("_dd.span_links", links.finish());
}

Meta meta_of(const Span& span) {
  Meta meta;
  if (span.kind != SpanKind::kInner) {
    meta.add("span.kind", span.kind == SpanKind::kLambda ? "client" : "internal");
    meta.add("component", "aws-stepfunctions");
    meta.add("weft.kind", to_string(span.kind));
    meta.add("weft.name", span.name);
    meta.add("weft.resource", span.resource);
  }
  meta.add("status", history::to_string(span.status));
  trace::visit_error(
      span, [&meta](std::string_view key, std::string_view value) { meta.add(key, value); });
  for (const auto& [key, value] : span.attributes) {
    if (key != "service.name" && key != "span.type") meta.add(key, value);
  }
  add_notes(span, meta);
  return meta;
}

}  // namespace

void DatadogBatch::add(const Span& span, std::string_view service) {
  Chunk& chunk = chunks_[{span.trace.high, span.trace.low}];
  const size_t before = chunk.bytes.size();
  std::string& out = chunk.bytes;
  if (const auto own = span.attribute("service.name"); !own.empty()) service = own;
  std::string_view type = span.attribute("span.type");
  if (type.empty() && span.kind != SpanKind::kInner) type = "serverless";
  Meta meta = meta_of(span);
  // The high half of the trace id is said once a chunk.
  if (chunk.spans == 0) meta.add("_dd.p.tid", trace::hex_of(span.trace.high));

  put(mpack_pack_map(12), out);
  put_uint("trace_id", span.trace.low, out);
  put_uint("span_id", span.span_id, out);
  put_uint("parent_id", span.parent_id, out);
  put_member("name", operation_of(span), kNameBytesMax, out);
  put_member("service", service, kNameBytesMax, out);
  put_member("resource", resource_of(span, service), kResourceBytesMax, out);
  put_member("type", type, kNameBytesMax, out);
  put_uint("start", static_cast<uint64_t>(span.start_us) * 1'000, out);
  put_uint("duration", static_cast<uint64_t>(span.duration_us) * 1'000, out);
  put_uint("error", span.failed() ? 1 : 0, out);
  meta.write_to(out);
  put_text("metrics", out);
  put(mpack_pack_map(static_cast<mpack_uint32_t>(1 + span.numbers.size())), out);
  // Kept by all samplers on the way: what is left out is decided here.
  put_uint("_sampling_priority_v1", 1, out);
  for (const auto& [key, value] : span.numbers) {
    put_text(key, out);
    put(mpack_pack_float(value), out);
  }

  ++chunk.spans;
  ++count_;
  bytes_ += out.size() - before;
}

std::string DatadogBatch::take() {
  std::string out;
  out.reserve(bytes_ + 16 * chunks_.size());
  put(mpack_pack_array(static_cast<mpack_uint32_t>(chunks_.size())), out);
  for (const auto& [trace, chunk] : chunks_) {
    put(mpack_pack_array(chunk.spans), out);
    out += chunk.bytes;
  }
  chunks_.clear();
  count_ = bytes_ = 0;
  return out;
}

}  // namespace weft::telemetry

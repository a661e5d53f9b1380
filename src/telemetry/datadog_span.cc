#include "telemetry/datadog_span.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "telemetry/datadog_notes.h"

namespace weft::telemetry {
namespace {

using Type = MsgpackItem::Type;

bool read_texts(MsgpackReader& reader, InnerSpan& span, ChunkFacts& facts) {
  uint32_t count = 0;
  if (!reader.open(Type::kMap, "meta", count)) return false;
  span.attributes.reserve(span.attributes.size() + std::min<size_t>(count, kAttributesMax));
  for (uint32_t i = 0; i < count; ++i) {
    std::string_view key;
    MsgpackItem value;
    if (!reader.text("a key of meta", key) || !reader.next(value)) return false;
    if (value.type == Type::kArray || value.type == Type::kMap)
      return reader.fail(fmt::format("meta '{}' must be a text", key.substr(0, 100)));
    if (!reader.keep(kAttributeBytes + key.size() + value.text.size())) return false;
    set_meta(key, value.text, span, facts);
  }
  return true;
}

bool read_metrics(MsgpackReader& reader, InnerSpan& span, ChunkFacts& facts) {
  uint32_t count = 0;
  if (!reader.open(Type::kMap, "metrics", count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    std::string_view key;
    MsgpackItem value;
    if (!reader.text("a key of metrics", key) || !reader.next(value)) return false;
    if (value.type == Type::kArray || value.type == Type::kMap)
      return reader.fail(fmt::format("metrics '{}' must be a number", key.substr(0, 100)));
    if (!reader.keep(kAttributeBytes + key.size())) return false;
    set_metric(key, value, span, facts);
  }
  return true;
}

bool read_text(MsgpackReader& reader, std::string_view what, size_t max, std::string& value) {
  std::string_view text;
  if (!reader.text(what, text)) return false;
  value = cut_text(text, max);
  return true;
}

bool read_signed(MsgpackReader& reader, std::string_view what, int64_t& value) {
  uint64_t bits = 0;
  if (!reader.integer(what, bits)) return false;
  value = static_cast<int64_t>(bits);
  return true;
}

bool read_member(MsgpackReader& reader, std::string_view key, InnerSpan& span, ChunkFacts& facts) {
  if (key == "trace_id") return reader.integer(key, span.trace.low);
  if (key == "span_id") return reader.integer(key, span.span_id);
  if (key == "parent_id") return reader.integer(key, span.parent_id);
  if (key == "name") return read_text(reader, key, kNameBytesMax, span.name);
  if (key == "service") return read_text(reader, key, kNameBytesMax, span.service);
  if (key == "resource") return read_text(reader, key, kResourceBytesMax, span.resource);
  if (key == "type") return read_text(reader, key, kNameBytesMax, span.type);
  if (key == "start") return read_signed(reader, key, span.start_ns);
  if (key == "duration") return read_signed(reader, key, span.duration_ns);
  if (key == "meta") return read_texts(reader, span, facts);
  if (key == "metrics") return read_metrics(reader, span, facts);
  if (key == "span_events") return read_span_events(reader, span);
  if (key == "span_links") return read_span_links(reader, span);
  if (key != "error") return reader.skip();
  uint64_t error = 0;
  if (!reader.integer(key, error)) return false;
  span.error = error != 0;
  return true;
}

bool read_span(MsgpackReader& reader, InnerSpan& span, ChunkFacts& facts) {
  uint32_t members = 0;
  if (!reader.open(Type::kMap, "a span", members)) return false;
  for (uint32_t i = 0; i < members; ++i) {
    std::string_view key;
    if (!reader.text("a key of a span", key) || !read_member(reader, key, span, facts))
      return false;
  }
  if (span.span_id == 0 || span.trace.low == 0)
    return reader.fail("a span without span_id or trace_id");
  return true;
}

}  // namespace

void set_meta(std::string_view key, std::string_view value, InnerSpan& span, ChunkFacts& facts) {
  if (key == "_dd.p.tid") facts.tid = parse_tid(value);
  if (key == "_dd.p.dm") facts.kept_by_rule = value != "-4";  // the code of "by hand"
  if (key == "events" && set_meta_events(value, span)) return;
  if (key == "_dd.span_links" && set_meta_links(value, span)) return;
  set_attribute(key, value, span);
}

void set_metric(std::string_view key, const MsgpackItem& value, InnerSpan& span,
                ChunkFacts& facts) {
  if (key == "_sampling_priority_v1") facts.kept = facts.kept || keeps(value.integer);
  if (key.starts_with('_') || value.type == Type::kNil) return;
  const bool whole = value.type == Type::kInteger ||
                     (std::abs(value.real) < 1e15 && value.real == std::trunc(value.real));
  const auto text = whole ? fmt::format("{}", static_cast<int64_t>(value.integer))
                          : fmt::format("{}", value.real);
  set_attribute(key, text, span);
}

void give_facts(const ChunkFacts& facts, Chunk& chunk) {
  for (InnerSpan& span : chunk) span.trace.high = facts.tid;
  if (facts.kept && !facts.kept_by_rule && !chunk.empty() &&
      !trace::is_kept_by_hand(chunk.front())) {
    chunk.front().attributes.emplace_back(trace::kManualKeep, "true");
  }
}

bool read_chunk(MsgpackReader& reader, Chunk& chunk, ChunkFacts& facts) {
  uint32_t spans = 0;
  if (!reader.open(Type::kArray, "a trace", spans)) return false;
  for (uint32_t i = 0; i < spans; ++i) {
    if (!reader.keep(kRecordBytes)) return false;
    if (!read_span(reader, chunk.emplace_back(), facts)) return false;
  }
  return true;
}

std::unexpected<base::Error> malformed(std::string_view format, const MsgpackReader& reader) {
  return base::fail(base::ErrorCode::kSerialization,
                    fmt::format("The body is no {} message: {}", format, reader.error()));
}

}  // namespace weft::telemetry

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "telemetry/datadog_span.h"

namespace weft::telemetry {
namespace {

using Type = MsgpackItem::Type;

constexpr uint32_t kSpanMembers = 12;

// Texts stand in a table before the spans, which name them by their place.
class V05 {
 public:
  explicit V05(std::string_view body) : reader_(body) {}

  bool read(std::vector<Chunk>& chunks) {
    uint32_t parts = 0;
    if (!reader_.open(Type::kArray, "the payload", parts)) return false;
    if (parts != 2) return reader_.fail(fmt::format("a payload of 2 parts, not {}", parts));
    if (!read_table()) return false;
    uint32_t traces = 0;
    if (!reader_.open(Type::kArray, "the list of traces", traces)) return false;
    for (uint32_t i = 0; i < traces; ++i) {
      if (!read_trace(chunks.emplace_back())) return false;
      if (chunks.back().empty()) chunks.pop_back();
    }
    return reader_.at_end() || reader_.fail("more bytes behind the list of traces");
  }
  const MsgpackReader& reader() const { return reader_; }

 private:
  bool read_table() {
    uint32_t count = 0;
    if (!reader_.open(Type::kArray, "the table of texts", count)) return false;
    if (!reader_.keep(count * sizeof(std::string_view))) return false;
    table_.resize(count);
    for (std::string_view& text : table_) {
      if (!reader_.text("a text of the table", text)) return false;
    }
    return true;
  }

  bool read_trace(Chunk& chunk) {
    uint32_t spans = 0;
    if (!reader_.open(Type::kArray, "a trace", spans)) return false;
    ChunkFacts facts;
    for (uint32_t i = 0; i < spans; ++i) {
      if (!reader_.keep(kRecordBytes)) return false;
      if (!read_span(chunk.emplace_back(), facts)) return false;
    }
    give_facts(facts, chunk);
    return true;
  }

  bool text(std::string_view what, std::string_view& value) {
    uint64_t index = 0;
    if (!reader_.integer(what, index)) return false;
    if (index >= table_.size())
      return reader_.fail(
          fmt::format("{} is text {} of a table of {}", what, index, table_.size()));
    value = table_[index];
    return true;
  }

  bool text(std::string_view what, size_t max, std::string& value) {
    std::string_view found;
    if (!text(what, found)) return false;
    value = cut_text(found, max);
    return reader_.keep(value.size());
  }

  bool read_span(InnerSpan& span, ChunkFacts& facts) {
    uint32_t members = 0;
    if (!reader_.open(Type::kArray, "a span", members)) return false;
    if (members != kSpanMembers)
      return reader_.fail(fmt::format("a span of {} members, not {}", kSpanMembers, members));
    uint64_t start = 0;
    uint64_t duration = 0;
    uint64_t error = 0;
    const bool read =
        text("service", kNameBytesMax, span.service) && text("name", kNameBytesMax, span.name) &&
        text("resource", kResourceBytesMax, span.resource) &&
        reader_.integer("trace_id", span.trace.low) && reader_.integer("span_id", span.span_id) &&
        reader_.integer("parent_id", span.parent_id) && reader_.integer("start", start) &&
        reader_.integer("duration", duration) && reader_.integer("error", error) &&
        read_meta(span, facts) && read_metrics(span, facts) &&
        text("type", kNameBytesMax, span.type);
    if (!read) return false;
    span.start_ns = static_cast<int64_t>(start);
    span.duration_ns = static_cast<int64_t>(duration);
    span.error = error != 0;
    if (span.span_id == 0 || span.trace.low == 0)
      return reader_.fail("a span without span_id or trace_id");
    return true;
  }

  bool read_meta(InnerSpan& span, ChunkFacts& facts) {
    uint32_t count = 0;
    if (!reader_.open(Type::kMap, "meta", count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      std::string_view key;
      std::string_view value;
      if (!text("a key of meta", key) || !text("a value of meta", value)) return false;
      if (!reader_.keep(kAttributeBytes + key.size() + value.size())) return false;
      set_meta(key, value, span, facts);
    }
    return true;
  }

  bool read_metrics(InnerSpan& span, ChunkFacts& facts) {
    uint32_t count = 0;
    if (!reader_.open(Type::kMap, "metrics", count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      std::string_view key;
      MsgpackItem value;
      if (!text("a key of metrics", key) || !reader_.next(value)) return false;
      if (value.type == Type::kArray || value.type == Type::kMap)
        return reader_.fail("a value of metrics must be a number");
      if (!reader_.keep(kAttributeBytes + key.size())) return false;
      set_metric(key, value, span, facts);
    }
    return true;
  }

  MsgpackReader reader_;
  std::vector<std::string_view> table_;
};

}  // namespace

base::Result<std::vector<Chunk>> decode_datadog_v05(std::string_view body) {
  V05 decoder(body);
  std::vector<Chunk> chunks;
  if (!decoder.read(chunks)) return malformed("v0.5 traces", decoder.reader());
  return chunks;
}

}  // namespace weft::telemetry

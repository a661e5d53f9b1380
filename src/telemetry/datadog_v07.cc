#include <optional>

#include "telemetry/datadog_span.h"

namespace weft::telemetry {
namespace {

using Type = MsgpackItem::Type;

// `tags` of a chunk hold what else one of its spans does.
bool read_tags(MsgpackReader& reader, ChunkFacts& facts) {
  uint32_t count = 0;
  if (!reader.open(Type::kMap, "tags", count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    std::string_view key;
    std::string_view value;
    if (!reader.text("a key of tags", key) || !reader.text("a tag", value)) return false;
    if (key == "_dd.p.tid") facts.tid = parse_tid(value);
    if (key == "_dd.p.dm") facts.kept_by_rule = value != "-4";
  }
  return true;
}

bool read_trace_chunk(MsgpackReader& reader, Chunk& chunk) {
  uint32_t members = 0;
  if (!reader.open(Type::kMap, "a chunk", members)) return false;
  ChunkFacts facts;
  std::optional<uint64_t> priority;
  for (uint32_t i = 0; i < members; ++i) {
    std::string_view key;
    if (!reader.text("a key of a chunk", key)) return false;
    const bool read = key == "spans"      ? read_chunk(reader, chunk, facts)
                      : key == "tags"     ? read_tags(reader, facts)
                      : key == "priority" ? reader.integer(key, priority.emplace())
                                          : reader.skip();
    if (!read) return false;
  }
  if (priority) facts.kept = keeps(*priority);
  give_facts(facts, chunk);
  return true;
}

bool read_chunks(MsgpackReader& reader, std::vector<Chunk>& chunks) {
  uint32_t count = 0;
  if (!reader.open(Type::kArray, "chunks", count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    if (!read_trace_chunk(reader, chunks.emplace_back())) return false;
    if (chunks.back().empty()) chunks.pop_back();
  }
  return true;
}

}  // namespace

base::Result<std::vector<Chunk>> decode_datadog_v07(std::string_view body) {
  MsgpackReader reader(body);
  std::vector<Chunk> chunks;
  uint32_t members = 0;
  bool good = reader.open(Type::kMap, "the payload", members);
  for (uint32_t i = 0; good && i < members; ++i) {
    std::string_view key;
    good = reader.text("a key of the payload", key) &&
           (key == "chunks" ? read_chunks(reader, chunks) : reader.skip());
  }
  if (good && !reader.at_end()) good = reader.fail("more bytes behind the payload");
  if (!good) return malformed("v0.7 traces", reader);
  return chunks;
}

}  // namespace weft::telemetry

#include "telemetry/datadog_span.h"

namespace weft::telemetry {

base::Result<std::vector<Chunk>> decode_datadog_v04(std::string_view body) {
  MsgpackReader reader(body);
  std::vector<Chunk> chunks;
  uint32_t count = 0;
  bool good = reader.open(MsgpackItem::Type::kArray, "the list of traces", count);
  for (uint32_t i = 0; good && i < count; ++i) {
    ChunkFacts facts;
    good = read_chunk(reader, chunks.emplace_back(), facts);
    give_facts(facts, chunks.back());
    if (chunks.back().empty()) chunks.pop_back();
  }
  if (good && !reader.at_end()) good = reader.fail("more bytes behind the list of traces");
  if (!good) return malformed("v0.4 traces", reader);
  return chunks;
}

}  // namespace weft::telemetry

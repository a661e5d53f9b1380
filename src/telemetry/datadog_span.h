#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "telemetry/decode_traces.h"
#include "telemetry/msgpack_reader.h"
#include "telemetry/span_limits.h"

// What the versions of Datadog's trace format share.

namespace weft::telemetry {

// The high half of a chunk's trace ids: hexadecimal text, however padded; 0 when it is none.
inline uint64_t parse_tid(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

// What one span says of all its chunk.
struct ChunkFacts {
  uint64_t tid = 0;           // high half of the trace id
  bool kept = false;          // to be kept whatever is sampled
  bool kept_by_rule = false;  // by a rule or rate of the tracer, which nobody set for this trace
};

// An entry of `meta`.
void set_meta(std::string_view key, std::string_view value, InnerSpan& span, ChunkFacts& facts);

// An entry of `metrics`.
void set_metric(std::string_view key, const MsgpackItem& value, InnerSpan& span, ChunkFacts& facts);

// USER_KEEP or more; as a number it may be negative.
inline bool keeps(uint64_t priority) { return static_cast<int64_t>(priority) >= 2; }

// At the end of a chunk. One that is kept by hand has trace::kManualKeep at its first span.
void give_facts(const ChunkFacts& facts, Chunk& chunk);

// A chunk of span maps (v0.4 and v0.7), without give_facts(). False: the reader has the error.
bool read_chunk(MsgpackReader& reader, Chunk& chunk, ChunkFacts& facts);

// The error of a reader, as ours.
std::unexpected<base::Error> malformed(std::string_view format, const MsgpackReader& reader);

}  // namespace weft::telemetry

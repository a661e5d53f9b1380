#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "telemetry/msgpack_reader.h"
#include "telemetry/span_limits.h"
#include "telemetry/traces.h"

// What the versions of Datadog's trace format share.

namespace weft::telemetry {

// The high half of a chunk's trace ids: hexadecimal text, however padded; 0 when it is none.
inline uint64_t parse_tid(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

// An entry of `meta`; `tid` receives _dd.p.tid.
inline void set_meta(std::string_view key, std::string_view value, InnerSpan& span, uint64_t& tid) {
  if (key == "_dd.p.tid") tid = parse_tid(value);
  set_attribute(key, value, span);
}

// An entry of `metrics`.
void set_metric(std::string_view key, const MsgpackItem& value, InnerSpan& span);

// Only one span of a chunk carries the high half.
inline void give_trace_high(uint64_t tid, Chunk& chunk) {
  for (InnerSpan& span : chunk) span.trace.high = tid;
}

// A chunk of span maps (v0.4 and v0.7). False: the reader has the error.
bool read_chunk(MsgpackReader& reader, Chunk& chunk);

// The error of a reader, as ours.
std::unexpected<base::Error> malformed(std::string_view format, const MsgpackReader& reader);

}  // namespace weft::telemetry

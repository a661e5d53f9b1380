#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "trace/ids.h"

// What a span of a function may carry beside its attributes, in OpenTelemetry's terms ("Trace API",
// Add Events and Link).

namespace weft::trace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// Something that happened at one moment of the span.
struct SpanEvent {
  int64_t time_ns = 0;  // Unix epoch, the function's clock
  std::string name;
  Attributes attributes;
  friend bool operator==(const SpanEvent&, const SpanEvent&) = default;
};

// A span that this one has to do with and does not hang under, of any trace.
struct SpanLink {
  TraceId trace;
  uint64_t span_id = 0;
  Attributes attributes;
  friend bool operator==(const SpanLink&, const SpanLink&) = default;
};

// What one span keeps of each, the first ones; OpenTelemetry's own limits.
inline constexpr size_t kSpanEventsMax = 128;
inline constexpr size_t kSpanLinksMax = 128;

}  // namespace weft::trace

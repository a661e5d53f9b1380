#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/decode_traces.h"
#include "telemetry/span_limits.h"

// What OTLP's two encodings share.

namespace weft::telemetry {

// opentelemetry-proto, Span.SpanKind by number: "server", "client" ...; "" for unspecified.
std::string_view otlp_kind(uint64_t kind);
inline constexpr uint64_t kOtlpStatusError = 2;
// Nesting of attribute values.
inline constexpr int kOtlpDepthMax = 16;

// Last touches: the duration, and the attribute for `kind`.
void finish_otlp_span(uint64_t kind, uint64_t end_ns, std::string_view service, InnerSpan& span);

// Cuts a list of spans into its connected local traces.
std::vector<Chunk> split_by_root(std::vector<InnerSpan> spans);

}  // namespace weft::telemetry

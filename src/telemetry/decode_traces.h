#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "trace/inner_span.h"

// What functions send, decoded. All functions are pure; malformed input is kSerialization with a
// message that names the place and what was expected, and costs no more memory than a small
// multiple of its size.

namespace weft::telemetry {

using trace::InnerSpan;

// Spans that belong together: Datadog's chunks, of which each is a part of one local trace.
using Chunk = std::vector<InnerSpan>;

// Datadog's agent API, MessagePack. v0.3 has v0.4's body.
base::Result<std::vector<Chunk>> decode_datadog_v04(std::string_view body);
base::Result<std::vector<Chunk>> decode_datadog_v05(std::string_view body);
base::Result<std::vector<Chunk>> decode_datadog_v07(std::string_view body);

// OTLP/HTTP's ExportTraceServiceRequest (opentelemetry-proto, trace/v1). Chunks are the local
// traces found in it: spans connected by their parents.
base::Result<std::vector<Chunk>> decode_otlp_traces_protobuf(std::string_view body);
base::Result<std::vector<Chunk>> decode_otlp_traces_json(std::string_view body);

}  // namespace weft::telemetry

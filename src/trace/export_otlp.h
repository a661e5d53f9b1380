#pragma once

#include <functional>
#include <string_view>

#include "base/error.h"
#include "trace/span_stream.h"

namespace weft::trace {

// Takes the next piece of a file.
using Write = std::function<void(std::string_view)>;

// Writes a trace as OTLP/JSON: each line one ExportTraceServiceRequest, as the OpenTelemetry
// Collector's otlpjsonfile receiver reads and its file exporter writes (opentelemetry-proto: trace
// ids in hex, 64-bit numbers as strings).
base::Result<void> export_otlp(const TraceSource& source, const SpanStreamOptions& options,
                               const Write& write);

}  // namespace weft::trace

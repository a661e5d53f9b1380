#pragma once

#include "trace/export_otlp.h"

namespace weft::trace {

// Writes a trace as one JSON object a line, a span each, parents before children. The members are
// those of docs/reference/trace-ndjson.md.
base::Result<void> export_ndjson(const TraceSource& source, const SpanStreamOptions& options,
                                 const Write& write);

}  // namespace weft::trace

#pragma once

#include "trace/export_otlp.h"

namespace weft::trace {

// Writes a trace in Chrome's trace event format, which ui.perfetto.dev opens: the execution and
// each Map Run are processes, lanes are threads, so that 10,000 children at 64 at once fill 64
// rows; so do branches, iterations and what functions sent, beside them. ("Trace Event Format",
// JSON object form.)
base::Result<void> export_chrome(const TraceSource& source, const SpanStreamOptions& options,
                                 const Write& write);

}  // namespace weft::trace

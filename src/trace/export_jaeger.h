#pragma once

#include "trace/export_otlp.h"

namespace weft::trace {

// Writes a trace as the JSON that Jaeger's query API answers and its page takes under "JSON File":
// one object {"data": [trace]} whose processes are the state machine and the services of functions
// (Jaeger, model/json: ids in hex, times in microseconds).
base::Result<void> export_jaeger(const TraceSource& source, const SpanStreamOptions& options,
                                 const Write& write);

}  // namespace weft::trace

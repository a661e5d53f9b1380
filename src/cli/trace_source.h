#pragma once

#include <string>

#include "base/error.h"
#include "runtime/query.h"
#include "trace/source.h"

namespace weft::cli {

// Reads what the trace of `arn` is made of: a top-level execution with all its Map Runs, a child
// alone, or the Map Run's parent with that Map Run only. `query` must outlive the source. What
// still runs is cut off at `now_ms`.
base::Result<trace::TraceSource> read_trace_source(const runtime::Query& query,
                                                   const std::string& arn, base::UnixMs now_ms);

}  // namespace weft::cli

#pragma once

#include "base/error.h"
#include "exports/source.h"
#include "exports/span_push.h"
#include "runtime/records.h"
#include "trace/span.h"

namespace weft::exports {

// Adds the spans of an execution that has ended to what is pushed; not of a child, whose Map Run
// decides about it. Each stands for `weight` of its kind (trace::Span::weight). Errors: it cannot
// be read.
base::Result<void> push_execution_spans(const Source& source,
                                        const runtime::ExecutionRecord& record, double weight,
                                        SpanPush& push);

}  // namespace weft::exports

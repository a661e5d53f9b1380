#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "exports/source.h"
#include "exports/span_push.h"
#include "records/records.h"
#include "trace/span.h"

namespace weft::exports {

// Completes the span of a Map Run by what only its record knows.
void add_map_run_facts(const reading::Query& query, trace::Span& map_run);

// Adds the spans of an execution that has ended to what is pushed; not of a child, whose Map Run
// decides about it. Each stands for `weight` of its kind (trace::Span::weight). Answers the ARNs of
// its Map Runs. Errors: it cannot be read.
base::Result<std::vector<std::string>> push_execution_spans(const Source& source,
                                                            const records::ExecutionRecord& record,
                                                            double weight, SpanPush& push);

}  // namespace weft::exports

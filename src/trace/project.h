#pragma once

#include <string>
#include <vector>

#include "trace/redact.h"
#include "trace/source.h"
#include "trace/span.h"

namespace weft::trace {

// Where an execution hangs.
struct Placement {
  TraceId trace;
  uint64_t parent_span = 0;  // 0 = root
  bool map_child = false;    // a child workflow execution of a Map Run
  std::string map_run_arn;   // of that one; "" when not known
  Lineage lineage;
  base::UnixMs now_ms = 0;  // end of what still runs
  // When set, executions, children and states have their payloads as attributes `input` and
  // `output`, as it lets them be seen; and attributes of functions' own spans that it hides are
  // hidden.
  const Redactor* payloads = nullptr;
};

// The lineage of what `execution` starts, which has `above` itself.
Lineage lineage_below(const ExecutionTrace& execution, const Lineage& above);

// The trace all spans of `source` belong to.
inline TraceId trace_of(const TraceSource& source) {
  return source.context.trace.low != 0 ? source.context.trace : trace_of_root(source.parent.arn);
}

// The spans of one execution, from its events alone: the execution, its states, their attempts,
// iterations, branches, Map Runs, function calls with what the functions
// sent about themselves, retry waits, and below the attempts that started
// them the same of nested executions. Depth first, each level by start
// time; the first is the execution, and each redrive of it is a span
// beside that one, with what ran then. Times are the events' milliseconds, function calls in
// microseconds within them.
std::vector<Span> project_execution(const ExecutionTrace& execution, const Placement& placement);

// The span of how it ended in the end: the first one, or that of the last redrive.
const Span& last_execution_of(const std::vector<Span>& spans);

}  // namespace weft::trace

#pragma once

#include <string>
#include <vector>

#include "history/event.h"
#include "trace/project.h"

namespace weft::trace {

// The execution that a startExecution or startSyncExecution task started, when `event` tells:
// TaskSubmitted of .sync, else TaskSucceeded. "" for all other events.
std::string nested_execution_of(const history::Event& event);

// Puts each of the executions nested in `execution` below the attempt that started it (the one with
// its ARN as attribute "nested_execution_arn") in the spans of `execution`, which are depth first.
void attach_nested(const ExecutionTrace& execution, const Placement& placement,
                   std::vector<Span>& spans);

}  // namespace weft::trace

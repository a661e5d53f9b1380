#pragma once

#include <vector>

#include "trace/inner_span.h"
#include "trace/span.h"

namespace weft::trace {

// Puts what functions sent into the spans of their execution (depth first, the first is the
// execution): below the parent they name, else below the call of the attempt they belong to. Each
// gets the execution's trace and a parent that is there. Those of which only the trace is known
// come last, below the execution, with the attribute "weft.orphan". Spans sent twice count once.
void attach_inner_spans(const std::vector<InnerSpan>& inner, std::vector<Span>& spans);

}  // namespace weft::trace

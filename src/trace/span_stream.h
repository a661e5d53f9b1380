#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "trace/project.h"
#include "trace/redact.h"
#include "trace/source.h"
#include "trace/span.h"

namespace weft::trace {

// A span and where it is drawn: group 0 is the top-level execution, n its n-th Map Run. Children
// stand in their lane, all else in lane 0.
struct PlacedSpan {
  Span span;
  uint32_t group = 0;
  uint32_t lane = 0;
  uint64_t child_index = 0;  // of the child the span belongs to; group 0: 0
};

struct SpanStreamOptions {
  // Up to so many children of a Map Run come with all their spans. Of a larger run every child
  // comes as one span made of its row, and only the slowest and one of each error group come with
  // all. Where children lost their detail (MapRunTrace::detail) it is those kept that come with
  // all, and their first span says why and how many they stand for.
  size_t detailed_children = 10'000;
  size_t slowest = 50;
  const Redactor* payloads = nullptr;  // see Placement
};

// What a row alone tells: the child as one span, marked weft.detail=summary. `arn`: the child's.
Span summary_of_child(const history::ChildRow& row, std::string arn, const Placement& placement);
// Completes the first span of a child by what only its row knows.
void add_row_facts(const history::ChildRow& row, Span& span);

// Visits every span of a trace, parents before children, one child at a time: memory does not grow
// with the run. Errors: from fetching a child.
base::Result<void> for_each_span(const TraceSource& source, const SpanStreamOptions& options,
                                 const std::function<void(PlacedSpan&)>& visit);

}  // namespace weft::trace

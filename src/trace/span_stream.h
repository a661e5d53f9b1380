#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "history/rows.h"
#include "trace/detail.h"
#include "trace/project.h"
#include "trace/redact.h"
#include "trace/source.h"
#include "trace/span.h"

namespace weft::trace {

// A span and where it is drawn: group 0 is the top-level execution, n its n-th Map Run; those of
// its children, and of theirs, follow. Children stand in their lane, all else in lane 0.
struct PlacedSpan {
  Span span;
  const MapRunTrace* run = nullptr;  // of the group; null: the top-level execution
  uint32_t group = 0;
  uint32_t lane = 0;
  uint64_t child_index = 0;  // of the child the span belongs to; group 0: 0
  // The name of the state machine it ran in, which is what backends list as its service; functions'
  // own spans may name another (attribute service.name).
  std::string service;
};

struct SpanStreamOptions {
  // Where children lost their detail (MapRunTrace::detail), those kept come with all their spans,
  // and the first says why and how many children it stands for; all are counted by spans of their
  // groups (child_groups.h). With this set the others come too, as one span each made of its row,
  // and no groups.
  bool every_child = false;
  const Redactor* payloads = nullptr;  // see Placement
};

// The spans of a child with full detail, the child's first. `choice` of its Map Run, where it says
// why and for how many the child was kept.
std::vector<Span> spans_of_child(const ExecutionTrace& child, const history::ChildRow& row,
                                 const std::optional<DetailChoice>& choice,
                                 const Placement& placement);

// The Map Runs of a child that has these spans. Errors: from reading them.
base::Result<std::vector<MapRunTrace>> map_runs_of_child(const TraceSource& source,
                                                         const ExecutionTrace& child,
                                                         const std::vector<Span>& spans);

// Visits every span of a trace, parents before children, one child at a time, each followed by its
// own Map Runs: beside the rows, which `source` holds, memory does not grow with the run. What is
// below a child has its weight times the child's. Errors: from fetching a child.
base::Result<void> for_each_span(const TraceSource& source, const SpanStreamOptions& options,
                                 const std::function<void(PlacedSpan&)>& visit);

}  // namespace weft::trace

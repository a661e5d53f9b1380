#pragma once

#include "history/map_run_counts.h"
#include "trace/http_call.h"
#include "trace/project.h"
#include "trace/source.h"
#include "trace/span.h"

// Whose spans these are, in the attributes that Datadog's integration and Weft's metrics use
// (docs/internals/telemetry.md), so that a backend can go from one to the other.

namespace weft::trace {

// The state machine's name out of the ARN of a Map Run, "arn:...:mapRun:m/label:id".
std::string_view machine_name_of_run(std::string_view map_run_arn);

// Of the span of an execution or child: statemachinename and -arn, map_label, execution_arn and
// -name, root_execution_arn (its own where nobody started it), parent_execution_arn, region,
// aws_account and account_id, workflow_type, is_distributed_map_child. Parts that its ARN lacks and
// what is not known are left out.
Attributes identity_of_execution(const ExecutionTrace& execution, const Placement& placement);

// Of a state's span: state_name, stepname, statemachinename, map_label, is_distributed_map_child.
Attributes identity_of_state(const ExecutionTrace& execution, bool map_child,
                             const std::string& state);

// How many children a Map Run has, by how they ended.
history::MapRunCounts counts_of(const MapRunTrace& run);

// What the span of a Map Run says beside its times.
struct MapRunFacts {
  std::string label;
  history::MapRunCounts counts;
  std::vector<SpanEvent> marks;          // MapRunTrace::marks
  const DetailChoice* detail = nullptr;  // null: all children have full detail
};
// Adds map_label, the counts (`map.total`, `map.failed`, ...) and the marks, and where not all
// children have their spans below it, that it is so (`weft.sample.note`, `.kept`, `.of`) and
// whether spans came too late (`.late_spans`).
void add_map_run_facts(MapRunFacts facts, Span& span);

}  // namespace weft::trace

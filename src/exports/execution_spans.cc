#include "exports/execution_spans.h"

#include <string>
#include <utility>

#include "arn/arn.h"
#include "reading/trace_source.h"
#include "trace/identity.h"
#include "trace/project.h"

namespace weft::exports {

void add_map_run_facts(const reading::Query& query, trace::Span& map_run) {
  const auto run = query.map_run(std::string(map_run.resource));
  if (!run) return;
  // While it runs the choice is not made, and asking for it would read all rows.
  const auto detail = run->status == records::MapRunStatus::kRunning
                          ? base::Result<std::optional<trace::DetailChoice>>()
                          : query.detail(run->number);
  trace::add_map_run_facts({.label = run->label,
                            .counts = run->executions,
                            .marks = reading::marks_of(*run),
                            .detail = detail && *detail ? &**detail : nullptr},
                           map_run);
}

base::Result<std::vector<std::string>> push_execution_spans(const Source& source,
                                                            const records::ExecutionRecord& record,
                                                            double weight, SpanPush& push) {
  auto execution = reading::read_execution_trace(*source.query, record.arn);
  if (!execution) return std::unexpected(execution.error());
  auto lineage = reading::read_lineage(*source.query, record.key);
  if (!lineage) return std::unexpected(lineage.error());
  const trace::Placement placement{
      .trace = record.trace.trace.low != 0 ? record.trace.trace : trace::trace_of_root(record.arn),
      .parent_span = record.trace.span,
      .lineage = std::move(*lineage),
      .now_ms = execution->stop_ms,
      .payloads = source.payloads};
  std::vector<std::string> runs;
  for (trace::Span& span : trace::project_execution(*execution, placement)) {
    if (span.kind == trace::SpanKind::kMapRun) {
      add_map_run_facts(*source.query, span);
      runs.push_back(span.resource);
    }
    span.weight = weight;
    push.add(span, arn::machine_name_of(execution->machine));
  }
  return runs;
}

}  // namespace weft::exports

#include "trace/span_stream.h"

#include <algorithm>
#include <string>
#include <utility>

#include "trace/child_groups.h"
#include "trace/identity.h"

namespace weft::trace {
namespace {

using history::ChildRow;

bool is_sampled(const MapRunTrace& run) { return run.detail && !run.detail->complete(); }

// "m" of "arn:...:mapRun:m/label:id".
std::string machine_of_run(std::string_view arn) {
  arn = arn.substr(0, std::min(arn.rfind(':'), arn.size()));
  return std::string(machine_name_of(arn.substr(arn.rfind(':') + 1)));
}

// Finds the service of each span of an execution, which come depth first.
class Services {
 public:
  const std::string& of(const Span& span) {
    while (open_.size() > 1 && open_.back().first >= span.depth) open_.pop_back();
    if (span.kind == SpanKind::kExecution || span.kind == SpanKind::kChild) {
      if (span.depth == 0) open_.clear();
      open_.emplace_back(span.depth, span.attribute("statemachinename"));
    }
    return open_.back().second;
  }

 private:
  std::vector<std::pair<uint16_t, std::string>> open_ = {{0, ""}};  // depth, machine
};

// What a row alone tells: the child as one span, marked weft.detail=summary.
Span summary_of_child(const ChildRow& row, std::string arn, const MapRunTrace& run,
                      const Placement& placement) {
  Span span;
  span.trace = placement.trace;
  span.span_id = span_of_execution(arn);
  span.parent_id = placement.parent_span;
  span.kind = SpanKind::kChild;
  span.name = execution_name_of(arn);
  span.start_us = row.start_ms * 1'000;
  span.duration_us = row.duration_us;
  span.status = row.status;
  span.attributes = {{"statemachinename", machine_of_run(run.arn)},
                     {"map_label", run.label},
                     {"is_distributed_map_child", "true"},
                     {"queue_us", std::to_string(row.queue_us)},
                     {"cold_start_us", std::to_string(row.cold_start_us)},
                     {"run_us", std::to_string(row.run_us)},
                     {"weft.detail", "summary"}};
  span.resource = std::move(arn);
  return span;
}

// Completes the first span of a child by what only its row knows.
void add_row_facts(const ChildRow& row, const std::string& run_arn, Span& span) {
  span.duration_us = std::max(span.duration_us, row.duration_us);  // rows know microseconds
  if (!run_arn.empty()) span.attributes.emplace_back("map_run_arn", run_arn);
  span.attributes.emplace_back("item_index", std::to_string(row.index));
  span.attributes.emplace_back("batch_size", std::to_string(row.items));
  span.attributes.emplace_back("retry_count", std::to_string(row.retries));
}

base::Result<void> visit_groups(const TraceSource& source, const MapRunTrace& run,
                                const Placement& placement, PlacedSpan& placed,
                                const std::function<void(PlacedSpan&)>& visit) {
  ChildGroups groups;
  for (const ChildRow& row : run.rows) groups.add(row, !run.detail->dropped(row.index));
  auto spans = groups.spans(run.arn, run.label, placement,
                            [&](uint64_t index) { return source.child(run, index); });
  if (!spans) return std::unexpected(spans.error());
  placed.service = machine_of_run(run.arn);
  for (Span& span : *spans) {
    placed.span = std::move(span);
    visit(placed);
  }
  return {};
}

base::Result<void> visit_run(const TraceSource& source, const MapRunTrace& run, uint32_t group,
                             const Placement& placement, const SpanStreamOptions& options,
                             const std::function<void(PlacedSpan&)>& visit) {
  PlacedSpan placed{.span = {}, .group = group, .lane = 0, .child_index = 0};
  if (is_sampled(run) && !options.every_child) {
    auto done = visit_groups(source, run, placement, placed, visit);
    if (!done) return done;
  }
  Services services;
  for (const ChildRow& row : run.rows) {
    const bool dropped = run.detail && run.detail->dropped(row.index);
    if (dropped && !options.every_child) continue;
    placed.lane = row.lane;
    placed.child_index = row.index;
    if (dropped) {
      placed.span = summary_of_child(row, source.child_arn(run, row.index), run, placement);
      add_row_facts(row, run.arn, placed.span);
      placed.service = services.of(placed.span);
      visit(placed);
      continue;
    }
    auto child = source.child(run, row.index);
    if (!child) return std::unexpected(child.error());
    for (Span& span : spans_of_child(*child, row, run.detail, placement)) {
      placed.service = services.of(span);
      placed.span = std::move(span);
      visit(placed);
    }
  }
  return {};
}

}  // namespace

// Spec datadog.md section 6.4, "Export".
std::vector<Span> spans_of_child(const ExecutionTrace& child, const ChildRow& row,
                                 const std::optional<DetailChoice>& choice,
                                 const Placement& placement) {
  std::vector<Span> spans = project_execution(child, placement);
  add_row_facts(row, placement.map_run_arn, spans.front());
  const DetailChoice::Child* kept = choice ? choice->find(row.index) : nullptr;
  if (kept == nullptr) return spans;
  spans.front().attributes.emplace_back("weft.sample.reason", kept->reason);
  spans.front().numbers.emplace_back("weft.sample.weight", kept->weight);
  for (Span& span : spans) span.weight = kept->weight;
  return spans;
}

base::Result<void> for_each_span(const TraceSource& source, const SpanStreamOptions& options,
                                 const std::function<void(PlacedSpan&)>& visit) {
  Placement placement{.trace = trace_of(source),
                      .parent_span = source.context.span,
                      .lineage = source.lineage,
                      .now_ms = source.now_ms,
                      .payloads = options.payloads};
  Services services;
  for (Span& span : project_execution(source.parent, placement)) {
    if (span.kind == SpanKind::kMapRun) {
      const auto run = std::ranges::find(source.map_runs, span.resource, &MapRunTrace::arn);
      if (run != source.map_runs.end()) add_map_run_facts(run->label, totals_of(*run), span);
    }
    PlacedSpan placed{.group = 0, .lane = 0, .child_index = 0, .service = services.of(span)};
    placed.span = std::move(span);
    visit(placed);
  }
  placement.map_child = true;
  placement.lineage = lineage_below(source.parent, source.lineage);
  for (size_t i = 0; i < source.map_runs.size(); ++i) {
    const MapRunTrace& run = source.map_runs[i];
    placement.parent_span = high_hash(run.arn);  // the Map Run's span
    placement.map_run_arn = run.arn;
    placement.lineage.parent = run.execution_arn;
    auto done = visit_run(source, run, static_cast<uint32_t>(i + 1), placement, options, visit);
    if (!done) return done;
  }
  return {};
}

}  // namespace weft::trace

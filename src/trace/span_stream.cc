#include "trace/span_stream.h"

#include <algorithm>
#include <string>
#include <utility>

#include "arn/arn.h"
#include "trace/child_groups.h"
#include "trace/identity.h"

namespace weft::trace {
namespace {

using history::ChildRow;

bool is_sampled(const MapRunTrace& run) { return run.detail && !run.detail->complete(); }

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
  span.name = arn::execution_name_of(arn);
  span.start_us = row.start_ms * 1'000;
  span.duration_us = row.duration_us;
  span.status = row.status;
  span.attributes = {{"statemachinename", std::string(machine_name_of_run(run.arn))},
                     {"map_label", run.label},
                     {"is_distributed_map_child", "true"},
                     {"queue_us", std::to_string(row.queue_us)},
                     {"cold_start_us", std::to_string(row.cold_start_us)},
                     {"run_us", std::to_string(row.run_us)},
                     {"weft.detail", "summary"}};
  span.resource = std::move(arn);
  return span;
}

// Completes a span of a child by what only its row knows.
void add_row_facts(const ChildRow& row, const std::string& run_arn, Span& span) {
  if (!run_arn.empty()) span.attributes.emplace_back("map_run_arn", run_arn);
  span.attributes.emplace_back("item_index", std::to_string(row.index));
  span.attributes.emplace_back("batch_size", std::to_string(row.items));
  span.attributes.emplace_back("retry_count", std::to_string(row.retries));
}

// Completes the span of a Map Run that is one of `runs`.
void add_run_facts(const std::vector<MapRunTrace>& runs, Span& span) {
  if (span.kind != SpanKind::kMapRun) return;
  const auto run = std::ranges::find(runs, span.resource, &MapRunTrace::arn);
  // Of one that was redriven the first span has its numbers, and the children below it.
  const bool first = run != runs.end() && span.span_id == high_hash(run->arn);
  if (!first) return;
  add_map_run_facts({.label = run->label,
                     .counts = counts_of(*run),
                     .marks = run->marks,
                     .detail = run->detail ? &*run->detail : nullptr},
                    span);
}

class SpanStream {
 public:
  SpanStream(const TraceSource& source, const SpanStreamOptions& options,
             const std::function<void(PlacedSpan&)>& visit)
      : source_(source), options_(options), visit_(visit) {}

  base::Result<void> visit_all() {
    const Placement placement{.trace = trace_of(source_),
                              .parent_span = source_.context.span,
                              .lineage = source_.lineage,
                              .now_ms = source_.now_ms,
                              .payloads = options_.payloads};
    PlacedSpan placed;
    Services services;
    for (Span& span : project_execution(source_.parent, placement)) {
      add_run_facts(source_.map_runs, span);
      placed.service = services.of(span);
      placed.span = std::move(span);
      visit_(placed);
    }
    groups_ = static_cast<uint32_t>(source_.map_runs.size());
    for (uint32_t i = 0; i < source_.map_runs.size(); ++i) {
      if (auto done = visit_run(source_.map_runs[i], i + 1, 1); !done) return done;
    }
    return {};
  }

 private:
  // `weight`: how many children the one stands for whose Map Run it is.
  base::Result<void> visit_run(const MapRunTrace& run, uint32_t group, double weight) {
    Lineage lineage = lineage_below(source_.parent, source_.lineage);
    lineage.parent = run.execution_arn;
    const Placement placement{.trace = trace_of(source_),
                              .parent_span = high_hash(run.arn),  // the Map Run's span
                              .map_child = true,
                              .map_run_arn = run.arn,
                              .lineage = std::move(lineage),
                              .now_ms = source_.now_ms,
                              .payloads = options_.payloads};
    PlacedSpan placed{.span = {}, .run = &run, .group = group};
    if (is_sampled(run) && !options_.every_child) {
      if (auto done = visit_groups(placement, weight, placed); !done) return done;
    }
    for (const ChildRow& row : run.rows) {
      const bool dropped = run.detail && run.detail->dropped(row.index);
      if (dropped && !options_.every_child) continue;
      placed.lane = row.lane;
      placed.child_index = row.index;
      if (!dropped) {
        if (auto done = visit_child(row, placement, weight, placed); !done) return done;
        continue;
      }
      placed.service = machine_name_of_run(run.arn);
      placed.span = summary_of_child(row, source_.child_arn(run, row.index), run, placement);
      add_row_facts(row, run.arn, placed.span);
      visit(weight, placed);
    }
    return {};
  }

  base::Result<void> visit_groups(const Placement& placement, double weight, PlacedSpan& placed) {
    const MapRunTrace& run = *placed.run;
    ChildGroups groups;
    for (const ChildRow& row : run.rows) groups.add(row, !run.detail->dropped(row.index));
    auto spans = groups.spans(run.arn, run.label, placement,
                              [&](uint64_t index) { return source_.child(run, index); });
    if (!spans) return std::unexpected(spans.error());
    placed.service = machine_name_of_run(run.arn);
    for (Span& span : *spans) {
      placed.span = std::move(span);
      visit(weight, placed);
    }
    return {};
  }

  base::Result<void> visit_child(const ChildRow& row, const Placement& placement, double weight,
                                 PlacedSpan& placed) {
    auto child = source_.child(*placed.run, row.index);
    if (!child) return std::unexpected(child.error());
    std::vector<Span> spans = spans_of_child(*child, row, placed.run->detail, placement);
    const double below = weight * spans.front().weight;
    const auto runs = map_runs_of_child(source_, *child, spans);
    if (!runs) return std::unexpected(runs.error());
    Services services;
    for (Span& span : spans) {
      add_run_facts(*runs, span);
      placed.service = services.of(span);
      placed.span = std::move(span);
      visit(weight, placed);
    }
    for (const MapRunTrace& run : *runs) {
      if (auto done = visit_run(run, ++groups_, below); !done) return done;
    }
    return {};
  }

  void visit(double weight, PlacedSpan& placed) {
    placed.span.weight *= weight;
    visit_(placed);
  }

  const TraceSource& source_;
  const SpanStreamOptions& options_;
  const std::function<void(PlacedSpan&)>& visit_;
  uint32_t groups_ = 0;  // the last that was given out
};

}  // namespace

std::vector<Span> spans_of_child(const ExecutionTrace& child, const ChildRow& row,
                                 const std::optional<DetailChoice>& choice,
                                 const Placement& placement) {
  std::vector<Span> spans = project_execution(child, placement);
  const bool redriven = &last_execution_of(spans) != &spans.front();
  if (!redriven) {  // rows know microseconds
    spans.front().duration_us = std::max(spans.front().duration_us, row.duration_us);
  }
  for (Span& span : spans) {
    if (span.depth == 0 && span.kind == SpanKind::kChild) {
      add_row_facts(row, placement.map_run_arn, span);
    }
  }
  const DetailChoice::Child* kept = choice ? choice->find(row.index) : nullptr;
  if (kept == nullptr) return spans;
  spans.front().attributes.emplace_back("weft.sample.reason", kept->reason);
  spans.front().numbers.emplace_back("weft.sample.weight", kept->weight);
  for (Span& span : spans) span.weight = kept->weight;
  return spans;
}

base::Result<std::vector<MapRunTrace>> map_runs_of_child(const TraceSource& source,
                                                         const ExecutionTrace& child,
                                                         const std::vector<Span>& spans) {
  const bool none = std::ranges::find(spans, SpanKind::kMapRun, &Span::kind) == spans.end();
  if (none || !source.map_runs_of) return {};
  return source.map_runs_of(child);
}

base::Result<void> for_each_span(const TraceSource& source, const SpanStreamOptions& options,
                                 const std::function<void(PlacedSpan&)>& visit) {
  return SpanStream(source, options, visit).visit_all();
}

}  // namespace weft::trace

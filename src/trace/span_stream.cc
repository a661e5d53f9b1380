#include "trace/span_stream.h"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "trace/group.h"

namespace weft::trace {
namespace {

using history::ChildRow;

bool is_sampled(const MapRunTrace& run) { return run.detail && !run.detail->complete(); }

// Children that come in full; empty = all of them.
std::set<uint64_t> detailed_of(const MapRunTrace& run, const SpanStreamOptions& options) {
  std::set<uint64_t> indexes;
  if (is_sampled(run)) {
    for (const DetailChoice::Child& child : run.detail->children) indexes.insert(child.index);
    return indexes;
  }
  if (run.rows.size() <= options.detailed_children) return indexes;
  ChildGroup group = group_children(run.rows, {.buckets = 0, .slowest = options.slowest});
  for (const ChildRow& row : group.slowest) indexes.insert(row.index);
  for (const ErrorGroup& error : group.errors) indexes.insert(error.exemplar.index);
  return indexes;
}

// Spec datadog.md section 6.4, "Export".
void add_choice(const DetailChoice& choice, uint64_t index, Span& span) {
  const DetailChoice::Child* child = choice.find(index);
  if (child == nullptr) return;
  span.attributes.emplace_back("weft.sample.reason", child->reason);
  span.attributes.emplace_back("weft.sample.weight", fmt::format("{:.6g}", child->weight));
}

base::Result<void> visit_run(const TraceSource& source, const MapRunTrace& run, uint32_t group,
                             const Placement& placement, const SpanStreamOptions& options,
                             const std::function<void(PlacedSpan&)>& visit) {
  std::set<uint64_t> detailed = detailed_of(run, options);
  for (const ChildRow& row : run.rows) {
    PlacedSpan placed{.span = {}, .group = group, .lane = row.lane, .child_index = row.index};
    if ((is_sampled(run) || !detailed.empty()) && !detailed.contains(row.index)) {
      placed.span = summary_of_child(row, source.child_arn(run, row.index), placement);
      visit(placed);
      continue;
    }
    auto child = source.child(run, row.index);
    if (!child) return std::unexpected(child.error());
    std::vector<Span> spans = project_execution(*child, placement);
    add_row_facts(row, spans.front());
    if (is_sampled(run)) add_choice(*run.detail, row.index, spans.front());
    for (Span& span : spans) {
      placed.span = std::move(span);
      visit(placed);
    }
  }
  return {};
}

}  // namespace

Span summary_of_child(const ChildRow& row, std::string arn, const Placement& placement) {
  Span span;
  span.trace = placement.trace;
  span.span_id = span_of_execution(arn);
  span.parent_id = placement.parent_span;
  span.kind = SpanKind::kChild;
  span.name = arn.substr(arn.rfind(':') + 1);
  span.start_us = row.start_ms * 1'000;
  span.duration_us = row.duration_us;
  span.status = row.status;
  span.attributes = {{"is_distributed_map_child", "true"},
                     {"queue_us", std::to_string(row.queue_us)},
                     {"cold_start_us", std::to_string(row.cold_start_us)},
                     {"run_us", std::to_string(row.run_us)},
                     {"weft.detail", "summary"}};
  span.resource = std::move(arn);
  add_row_facts(row, span);
  return span;
}

void add_row_facts(const ChildRow& row, Span& span) {
  span.duration_us = std::max(span.duration_us, row.duration_us);  // rows know microseconds
  span.attributes.emplace_back("item_index", std::to_string(row.index));
  span.attributes.emplace_back("batch_size", std::to_string(row.items));
  span.attributes.emplace_back("retry_count", std::to_string(row.retries));
}

base::Result<void> for_each_span(const TraceSource& source, const SpanStreamOptions& options,
                                 const std::function<void(PlacedSpan&)>& visit) {
  Placement placement{.trace = trace_of(source),
                      .parent_span = source.context.span,
                      .now_ms = source.now_ms,
                      .payloads = options.payloads};
  for (Span& span : project_execution(source.parent, placement)) {
    PlacedSpan placed{.span = std::move(span), .group = 0, .lane = 0, .child_index = 0};
    visit(placed);
  }
  placement.map_child = true;
  for (size_t i = 0; i < source.map_runs.size(); ++i) {
    const MapRunTrace& run = source.map_runs[i];
    placement.parent_span = high_hash(run.arn);  // the Map Run's span
    auto done = visit_run(source, run, static_cast<uint32_t>(i + 1), placement, options, visit);
    if (!done) return done;
  }
  return {};
}

}  // namespace weft::trace

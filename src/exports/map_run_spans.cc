#include "exports/map_run_spans.h"

#include <utility>

#include "exports/execution_spans.h"
#include "runtime/trace_source.h"
#include "trace/child_groups.h"
#include "trace/span_stream.h"

namespace weft::exports {

MapRunSpans::MapRunSpans(runtime::MapRunRecord record, const Surroundings& surroundings)
    : record_(std::move(record)),
      around_(surroundings),
      placement_{.trace = record_.trace.trace.low != 0
                              ? record_.trace.trace
                              : trace::trace_of_root(record_.execution_arn),
                 .parent_span = trace::high_hash(record_.arn),
                 .map_child = true,
                 .map_run_arn = record_.arn,
                 .lineage = runtime::read_lineage(*around_.source.query, {record_.number, 0})
                                .value_or(trace::Lineage()),
                 .payloads = around_.source.payloads} {
  if (record_.detail_bytes > 0) {
    plan_ = Plan::kLater;  // nobody knows how large spans will be
  } else if (record_.detail_budget == 0) {
    plan_ = Plan::kAtOnce;
  }
}

void MapRunSpans::child_ended(const history::ChildRow& row) {
  if (plan_ == Plan::kUndecided) {
    held_.push_back(row);
    decide();
  } else if (plan_ == Plan::kAtOnce) {
    push_child(row, std::nullopt);
  }
}

void MapRunSpans::decide() {
  const auto fits = around_.source.fits_budget(record_);
  if (fits.value_or(false)) {
    plan_ = Plan::kAtOnce;
    for (const history::ChildRow& row : std::exchange(held_, {})) push_child(row, std::nullopt);
    push_outliving({});
  } else if (fits || held_.size() > record_.detail_budget) {
    plan_ = Plan::kLater;
    held_ = {};
  }
}

// By times, not by what went before: so each goes once, whoever is told of first.
void MapRunSpans::nested_ended(const runtime::ExecutionRecord& nested) {
  const uint64_t index = nested.detail_of.index;
  const auto child = read_child(index);
  if (!child) return around_.dropped(1, &child.error());
  if (child->status == history::ExecutionStatus::kRunning || nested.stop_ms <= child->stop_ms)
    return;
  if (plan_ == Plan::kAtOnce || sent_.contains(index)) return push_nested(nested, 1);
  if (outliving_.size() >= kOutlivingMax) return around_.dropped(1, nullptr);
  outliving_.push_back(nested);
  if (!has_ended()) return;
  const auto choice = around_.source.query->detail(record_.number);
  if (!choice) return around_.dropped(1, &choice.error());
  push_outliving(choice->value_or(trace::DetailChoice()));
}

// Those whose child goes by `choice`.
void MapRunSpans::push_outliving(const trace::DetailChoice& choice) {
  for (const runtime::ExecutionRecord& nested : std::exchange(outliving_, {})) {
    const uint64_t index = nested.detail_of.index;
    if (choice.dropped(index)) continue;
    const trace::DetailChoice::Child* child = choice.find(index);
    push_nested(nested, child == nullptr ? 1 : child->weight);
  }
}

void MapRunSpans::push_nested(const runtime::ExecutionRecord& nested, double weight) {
  const auto pushed = push_execution_spans(around_.source, nested, weight, around_.push);
  if (!pushed) around_.dropped(1, &pushed.error());
}

void MapRunSpans::advance() {
  if (!awaits_certain()) return;
  while (!settling_.empty() && !around_.late()) {
    const auto [row, reason] = settling_.front();
    const trace::DetailChoice choice{
        .children = {{.index = row.index, .reason = columns::to_string(reason)}}};
    if (!push_child(row, choice)) break;
    settling_.pop_front();
    sent_.insert(row.index);
  }
  for (auto& one : around_.source.certain(record_.number, sent_.size() + settling_.size())) {
    settling_.push_back(std::move(one));
  }
}

void MapRunSpans::ended() {
  held_ = {};
  if (plan_ == Plan::kAtOnce) return;
  const auto stored = around_.source.query->detail(record_.number);
  if (!stored) return around_.dropped(1, &stored.error());
  const trace::DetailChoice choice = stored->value_or(trace::DetailChoice());
  trace::ChildGroups groups;
  std::vector<history::ChildRow> kept;
  const auto read = around_.source.query->rows(record_.number, [&](const history::ChildRow& row) {
    const bool keeps = !choice.dropped(row.index);
    groups.add(row, keeps);
    if (keeps && !sent_.contains(row.index)) kept.push_back(row);
    return true;
  });
  if (!read) return around_.dropped(choice.kept, &read.error());
  if (!choice.complete()) push_groups(groups);
  for (size_t i = 0; i < kept.size(); ++i) {
    if (around_.late()) {
      return around_.dropped(kept.size() - i + std::exchange(outliving_, {}).size(), nullptr);
    }
    push_child(kept[i], choice);
  }
  push_outliving(choice);
}

void MapRunSpans::push_groups(const trace::ChildGroups& groups) {
  const auto spans = groups.spans(record_.arn, record_.label, placement_,
                                  [this](uint64_t index) { return read_child(index); });
  if (!spans) return around_.dropped(1, &spans.error());
  for (const trace::Span& span : *spans) around_.push.add(span, record_.machine_name);
}

base::Result<trace::ExecutionTrace> MapRunSpans::read_child(uint64_t index) const {
  return runtime::read_child_trace(*around_.source.query, record_, index);
}

// False when its end is not on disk yet, which is decided on a moment before.
bool MapRunSpans::push_child(const history::ChildRow& row,
                             const std::optional<trace::DetailChoice>& choice) {
  auto child = read_child(row.index);
  if (!child) {
    around_.dropped(1, &child.error());
    return true;
  }
  if (child->status == history::ExecutionStatus::kRunning) return false;
  bool has_nested = false;
  double weight = 1;
  for (const trace::Span& span : spans_of_child(*child, row, choice, placement_)) {
    has_nested = has_nested || !span.attribute("nested_execution_arn").empty();
    weight = span.weight;
    around_.push.add(span, record_.machine_name);
  }
  if (has_nested) push_nested_of(*child, row.index, weight);
  return true;
}

void MapRunSpans::push_nested_of(const trace::ExecutionTrace& child, uint64_t index,
                                 double weight) {
  const history::ExecutionKey key{record_.number, index};
  const auto nested = runtime::nested_executions(*around_.source.query, key);
  if (!nested) return around_.dropped(1, &nested.error());
  for (const runtime::NestedExecution& one : *nested) {
    const auto record = around_.source.query->execution_record(one.key);
    if (!record) {
      around_.dropped(1, &record.error());
      continue;
    }
    // Of another child, which started it first; or it goes when it ends (nested_ended).
    if (record->detail_of != key || record->status == history::ExecutionStatus::kRunning ||
        record->stop_ms > child.stop_ms) {
      continue;
    }
    push_nested(*record, weight);
  }
}

}  // namespace weft::exports

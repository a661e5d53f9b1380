#include "exports/map_run_spans.h"

#include <utility>

#include "exports/execution_spans.h"
#include "reading/trace_source.h"
#include "trace/child_groups.h"
#include "trace/span_stream.h"

namespace weft::exports {

MapRunSpans::MapRunSpans(records::MapRunRecord record, const Surroundings& surroundings)
    : record_(std::move(record)),
      around_(surroundings),
      placement_{.trace = record_.trace.trace.low != 0
                              ? record_.trace.trace
                              : trace::trace_of_root(record_.execution_arn),
                 .parent_span = trace::high_hash(record_.arn),
                 .map_child = true,
                 .map_run_arn = record_.arn,
                 .lineage = reading::read_lineage(*around_.source.query, {record_.number, 0})
                                .value_or(trace::Lineage()),
                 .payloads = around_.source.payloads} {
  if (record_.detail_bytes > 0) {
    plan_ = Plan::kLater;  // nobody knows how large spans will be
  } else if (record_.detail_budget == 0) {
    plan_ = Plan::kAtOnce;
  }
}

void MapRunSpans::join_outer() {
  history::ExecutionKey child = record_.parent;
  if (child.run == 0) {
    const auto parent = around_.source.query->execution_record(child);
    if (!parent) return;
    child = parent->detail_of;
  }
  MapRunSpans* outer = child.run == 0 ? nullptr : around_.run(child.run);
  if (outer == nullptr) return;
  if (outer->lets_go(record_.number)) return;
  within_ = child;
  plan_ = Plan::kLater;
}

// Whether the Map Run of a child goes by itself. It stays with what was said first.
bool MapRunSpans::lets_go(uint64_t inner) {
  if (has_ended() || within_) return false;
  if (plan_ == Plan::kUndecided) decide();
  if (plan_ == Plan::kLater) return false;
  return inner_.try_emplace(inner, plan_ == Plan::kAtOnce).first->second;
}

void MapRunSpans::child_ended(const history::ChildRow& row) {
  if (plan_ == Plan::kUndecided) {
    held_.push_back(row);
    decide();
  } else if (plan_ == Plan::kAtOnce) {
    push_child(row, std::nullopt, std::nullopt);
  }
}

void MapRunSpans::decide() {
  const auto fits = around_.source.fits_budget(record_);
  if (fits.value_or(false)) {
    plan_ = Plan::kAtOnce;
    for (const history::ChildRow& row : std::exchange(held_, {})) {
      push_child(row, std::nullopt, std::nullopt);
    }
    push_outliving({});
  } else if (fits || held_.size() > record_.detail_budget) {
    plan_ = Plan::kLater;
    held_ = {};
  }
}

// By times, not by what went before: so each goes once, whoever is told of first.
void MapRunSpans::nested_ended(const records::ExecutionRecord& nested) {
  const uint64_t index = nested.detail_of.index;
  const auto end = end_of_child(index);
  if (!end || nested.stop_ms <= *end) return;
  outlived({.execution = nested, .index = index, .below = {.as_of = *end}});
}

// When the child goes as far as it is for itself: nothing while it runs, or when it cannot be read.
std::optional<base::UnixMs> MapRunSpans::end_of_child(uint64_t index) {
  if (within_) {
    MapRunSpans* outer = around_.run(within_->run);
    return outer == nullptr ? std::nullopt : outer->end_of_child(within_->index);
  }
  const auto child = read_child(index);
  if (!child) {
    around_.dropped(1, &child.error());
    return std::nullopt;
  }
  if (child->status == history::ExecutionStatus::kRunning) return std::nullopt;
  return child->stop_ms;
}

void MapRunSpans::outlived(Outliving one) {
  if (within_) return hand_on(std::move(one));
  if (plan_ == Plan::kAtOnce || sent_.contains(one.index))
    return push_execution(one.execution, one.below);
  if (!has_ended()) {
    if (outliving_.size() >= kOutlivingMax) return around_.dropped(1, nullptr);
    outliving_.push_back(std::move(one));
    return;
  }
  const auto stored = choice();
  if (!stored) return around_.dropped(1, &stored.error());
  if (weigh(*stored, one)) push_execution(one.execution, one.below);
}

// To the Map Run that this one goes with.
void MapRunSpans::hand_on(Outliving one) {
  const auto stored = choice();
  if (!stored) return around_.dropped(1, &stored.error());
  MapRunSpans* outer = around_.run(within_->run);
  if (outer == nullptr || !weigh(*stored, one)) return;
  one.index = within_->index;
  outer->outlived(std::move(one));
}

// Adds the weight of its child by `choice`; false when the child does not go.
bool MapRunSpans::weigh(const trace::DetailChoice& choice, Outliving& one) {
  if (choice.dropped(one.index)) return false;
  if (const auto* child = choice.find(one.index)) one.below.weight *= child->weight;
  return true;
}

// Those whose child goes by `choice`.
void MapRunSpans::push_outliving(const trace::DetailChoice& choice) {
  for (Outliving& one : std::exchange(outliving_, {})) {
    if (weigh(choice, one)) push_execution(one.execution, one.below);
  }
}

void MapRunSpans::advance() {
  if (!awaits_certain()) return;
  while (!settling_.empty() && !around_.late()) {
    const auto [row, reason] = settling_.front();
    const trace::DetailChoice choice{
        .children = {{.index = row.index, .reason = columns::to_string(reason)}}};
    if (!push_child(row, choice, std::nullopt)) break;
    settling_.pop_front();
    sent_.insert(row.index);
  }
  for (auto& one : around_.source.certain(record_.number, sent_.size() + settling_.size())) {
    settling_.push_back(std::move(one));
  }
}

void MapRunSpans::ended() {
  held_ = {};
  if (within_ || plan_ == Plan::kAtOnce) return;
  push_chosen(std::nullopt);
}

// The kept children and the groups of all; `around`: of the child they lie below, if any.
void MapRunSpans::push_chosen(const std::optional<Below>& around) {
  const auto stored = choice();
  if (!stored) return around_.dropped(1, &stored.error());
  trace::ChildGroups groups;
  std::vector<history::ChildRow> kept;
  const auto read = around_.source.query->rows(record_.number, [&](const history::ChildRow& row) {
    const bool keeps = !stored->dropped(row.index);
    groups.add(row, keeps);
    if (keeps && !sent_.contains(row.index)) kept.push_back(row);
    return true;
  });
  if (!read) return around_.dropped(stored->kept, &read.error());
  if (!stored->complete()) push_groups(groups, around ? around->weight : 1);
  for (size_t i = 0; i < kept.size(); ++i) {
    if (around_.late()) {
      return around_.dropped(kept.size() - i + std::exchange(outliving_, {}).size(), nullptr);
    }
    push_child(kept[i], *stored, around);
  }
  push_outliving(*stored);
}

void MapRunSpans::push_groups(const trace::ChildGroups& groups, double weight) {
  auto spans = groups.spans(record_.arn, record_.label, placement_,
                            [this](uint64_t index) { return read_child(index); });
  if (!spans) return around_.dropped(1, &spans.error());
  for (trace::Span& span : *spans) {
    span.weight *= weight;
    around_.push.add(span, record_.machine_name);
  }
}

base::Result<trace::ExecutionTrace> MapRunSpans::read_child(uint64_t index) const {
  return reading::read_child_trace(*around_.source.query, record_, index);
}

base::Result<trace::DetailChoice> MapRunSpans::choice() const {
  auto stored = around_.source.query->detail(record_.number);
  if (!stored) return std::unexpected(stored.error());
  return std::move(*stored).value_or(trace::DetailChoice());
}

// False when its end is not on disk yet, which is decided on a moment before.
bool MapRunSpans::push_child(const history::ChildRow& row,
                             const std::optional<trace::DetailChoice>& choice,
                             const std::optional<Below>& around) {
  auto child = read_child(row.index);
  if (!child) {
    around_.dropped(1, &child.error());
    return true;
  }
  if (child->status == history::ExecutionStatus::kRunning) return false;
  std::vector<trace::Span> spans = spans_of_child(*child, row, choice, placement_);
  Below below = around.value_or(Below{.as_of = child->stop_ms});
  const double weight = std::exchange(below.weight, below.weight * spans.front().weight);
  bool has_nested = false;
  std::vector<std::string> runs;
  for (trace::Span& span : spans) {
    has_nested = has_nested || !span.attribute("nested_execution_arn").empty();
    if (span.kind == trace::SpanKind::kMapRun) {
      add_map_run_facts(*around_.source.query, span);
      runs.push_back(span.resource);
    }
    span.weight *= weight;
    around_.push.add(span, record_.machine_name);
  }
  if (has_nested) push_nested_of(row.index, below);
  for (const std::string& arn : runs) push_run(arn, below);
  return true;
}

void MapRunSpans::push_nested_of(uint64_t index, const Below& below) {
  const history::ExecutionKey key{record_.number, index};
  const auto nested = reading::nested_executions(*around_.source.query, key);
  if (!nested) return around_.dropped(1, &nested.error());
  for (const reading::NestedExecution& one : *nested) {
    const auto record = around_.source.query->execution_record(one.key);
    if (!record) {
      around_.dropped(1, &record.error());
      continue;
    }
    // Of another child, which started it first; or it goes when it ends (nested_ended).
    if (record->detail_of != key || record->status == history::ExecutionStatus::kRunning ||
        record->stop_ms > below.as_of) {
      continue;
    }
    push_execution(*record, below);
  }
}

void MapRunSpans::push_execution(const records::ExecutionRecord& execution, const Below& below) {
  const auto runs = push_execution_spans(around_.source, execution, below.weight, around_.push);
  if (!runs) return around_.dropped(1, &runs.error());
  for (const std::string& arn : *runs) push_run(arn, below);
}

// A Map Run of a child, or of what is nested in one.
void MapRunSpans::push_run(const std::string& arn, const Below& below) {
  auto record = around_.source.query->map_run(arn);
  if (!record) return around_.dropped(1, &record.error());
  const auto asked = inner_.extract(record->number);
  if (asked && asked.mapped()) return;
  MapRunSpans(std::move(*record), around_).push_chosen(below);
}

}  // namespace weft::exports

#include "trace/child_groups.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "metrics/percentile.h"
#include "trace/identity.h"

namespace weft::trace {

using history::ChildRow;
using history::ExecutionStatus;

void ChildGroups::Group::add(const ChildRow& row, bool is_kept) {
  const int64_t start = row.start_ms * 1'000;
  if (durations.empty()) {
    first = row.index;
    start_us = start;
  }
  start_us = std::min(start_us, start);
  errors += is_error(row.status) ? 1 : 0;
  kept += is_kept ? 1 : 0;
  items += row.items;
  durations.push_back(row.duration_us);
}

void ChildGroups::Group::add(const Group& other) {
  start_us = durations.empty() ? other.start_us : std::min(start_us, other.start_us);
  errors += other.errors;
  kept += other.kept;
  items += other.items;
  durations.insert(durations.end(), other.durations.begin(), other.durations.end());
}

void ChildGroups::add(const ChildRow& row, bool kept) {
  const Key key{row.path, row.status, row.error_group};
  auto found = groups_.find(key);
  if (found == groups_.end() && groups_.size() < kGroupsMax) {
    found = groups_.emplace(key, Group()).first;
  }
  (found == groups_.end() ? others_ : found->second).add(row, kept);
}

// All but its name.
Span ChildGroups::span_of(const Group& group, const Placement& placement) {
  Span span;
  span.trace = placement.trace;
  span.parent_id = placement.parent_span;
  span.kind = SpanKind::kGroup;
  span.name = "weft.group";
  span.start_us = group.start_us;
  const metrics::Percentiles times = metrics::percentiles(group.durations);
  span.duration_us = times.max;
  const auto number = [&](const char* name, auto value) {
    span.numbers.emplace_back(name, static_cast<double>(value));
  };
  number("weft.group.count", group.durations.size());
  number("weft.group.errors", group.errors);
  number("weft.group.kept", group.kept);
  number("weft.group.items", group.items);
  number("weft.group.p50_us", times.p50);
  number("weft.group.p95_us", times.p95);
  number("weft.group.p99_us", times.p99);
  number("weft.group.max_us", times.max);
  number("weft.group.sum_us",
         std::accumulate(group.durations.begin(), group.durations.end(), int64_t{0}));
  return span;
}

base::Result<std::vector<Span>> ChildGroups::spans(
    const std::string& run_arn, const std::string& label, const Placement& placement,
    const std::function<base::Result<ExecutionTrace>(uint64_t index)>& fetch) const {
  std::vector<std::pair<Key, const Group*>> order;
  for (const auto& [key, group] : groups_) order.emplace_back(key, &group);
  std::ranges::sort(order, [](const auto& a, const auto& b) {
    const size_t more = a.second->durations.size();
    const size_t less = b.second->durations.size();
    return more != less ? more > less : a.first < b.first;
  });
  Group others = others_;
  const bool crowded = order.size() > kSpansMax || !others.durations.empty();
  while (crowded && order.size() >= kSpansMax) {
    others.add(*order.back().second);
    order.pop_back();
  }
  const Attributes machine = {{"statemachinename", std::string(machine_name_of_run(run_arn))},
                              {"map_label", label}};
  std::vector<Span> spans;
  for (const auto& [key, group] : order) {
    Span& span = spans.emplace_back(span_of(*group, placement));
    const std::string path = fmt::format("{:06x}", key.path);
    const std::string error = std::to_string(key.error_group);
    const std::string_view status = history::to_string(key.status);
    span.span_id = high_hash(fmt::format("{}#group#{}#{}#{}", run_arn, path, status, error));
    span.status = key.status;
    span.attributes = machine;
    span.attributes.emplace_back("weft.path", path);
    if (key.error_group != 0) {
      auto child = fetch(group->first);
      if (!child) return std::unexpected(child.error());
      const std::vector<Span> executions = project_execution(*child, placement);
      const Span& failed = last_execution_of(executions);
      span.error = failed.error;
      span.cause = failed.cause;
      span.attributes.emplace_back("weft.error_group", error);
    }
    span.resource = fmt::format("{} {}", label, span.error.empty() ? status : span.error);
  }
  if (!crowded) return spans;
  Span& rest = spans.emplace_back(span_of(others, placement));
  rest.span_id = high_hash(run_arn + "#group#others");
  rest.attributes = machine;
  rest.resource = label + " others";
  if (others.errors > 0) rest.status = ExecutionStatus::kFailed;
  return spans;
}

}  // namespace weft::trace

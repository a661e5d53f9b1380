#include "reading/state_groups.h"

#include <numeric>
#include <utility>

#include "trace/project.h"
#include "trace/visits.h"

namespace weft::reading {

void StateGroups::add(const trace::ExecutionTrace& execution) {
  const std::vector<trace::Span> spans = trace::project_execution(execution, {});
  for (const trace::Visit& visit : trace::state_visits(spans)) {
    auto [found, fresh] = states_.try_emplace(visit.first().name);
    if (fresh) found->second.first = states_.size() - 1;
    found->second.failed += visit.last().failed() ? 1 : 0;
    found->second.durations.push_back(visit.duration_us());
  }
}

base::Result<void> StateGroups::add_children(const Query& query, const records::MapRunRecord& run,
                                             const std::set<uint64_t>& chosen) {
  trace::ExecutionTrace child;
  uint64_t index = 0;
  const auto finish_child = [&] {
    if (child.events.empty()) return;
    child.start_ms = child.events.front().time_ms;
    add(std::exchange(child, {}));
  };
  auto read =
      query.turns(run.number, [&](history::ExecutionKey key, const history::TurnEvents& turn) {
        if (key.index != index) finish_child();
        index = key.index;
        if (chosen.contains(index)) {
          child.events.insert(child.events.end(), turn.events.begin(), turn.events.end());
        }
        return true;
      });
  finish_child();
  return read;
}

base::Result<void> StateGroups::add_execution(const Query& query, const std::string& arn) {
  auto view = query.execution(arn);
  if (!view) return std::unexpected(view.error());
  auto events = query.events(view->key);
  if (!events) return std::unexpected(events.error());
  add({.arn = arn, .start_ms = view->start_ms, .events = std::move(*events)});
  return {};
}

std::vector<columns::RowGroup> StateGroups::finish() const {
  std::vector<columns::RowGroup> groups;
  for (const auto& [name, state] : states_) {
    groups.push_back(
        {.value = state.first,
         .count = state.durations.size(),
         .failed = state.failed,
         .total = std::accumulate(state.durations.begin(), state.durations.end(), int64_t{0}),
         .duration = metrics::percentiles(state.durations)});
  }
  return groups;
}

std::vector<std::string> StateGroups::names() const {
  std::vector<std::string> names;
  for (const auto& [name, state] : states_) names.push_back(name);
  return names;
}

}  // namespace weft::reading

#include "importing/import_rows.h"

#include <algorithm>
#include <queue>
#include <set>
#include <utility>

#include "history/outcome.h"
#include "history/row_of_events.h"
#include "json/arena.h"
#include "json/parse.h"

namespace weft::importing {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionStatus;

uint32_t items_of(const base::Text& input) {
  json::Arena arena;
  const auto value = json::parse(input.view(), arena);
  const json::Value items = value ? value->find("Items") : json::Value();
  return items.is_array() ? static_cast<uint32_t>(items.size()) : 1;
}

}  // namespace

Lifetime lifetime_of(const std::vector<Event>& events) {
  Lifetime out;
  if (!events.empty()) out.start_ms = events.front().time_ms;
  for (const Event& event : events) {
    if (event.type == EventType::kExecutionStarted) out.start_ms = event.time_ms;
    if (event.type == EventType::kExecutionRedriven) {
      out.status = ExecutionStatus::kRunning;
      out.stop_ms = 0;
      out.redrive_ms = event.time_ms;
      ++out.redrives;
    }
    if (history::is_terminal(event.type)) {
      out.status = history::status_of(event.type);
      out.stop_ms = event.time_ms;
    }
  }
  return out;
}

history::ChildRow row_of_events(uint64_t index, const std::vector<Event>& events,
                                const std::optional<cloudwatch::ChildFacts>& facts) {
  history::RowOfEvents told;
  for (const Event& event : events) told.add(event);
  history::ChildRow row = told.row();
  row.index = index;
  if (facts) {
    row.duration_us = facts->duration_us;
    row.items = facts->items;
    return row;
  }
  const auto started = std::ranges::find(events, EventType::kExecutionStarted, &Event::type);
  if (started != events.end()) row.items = items_of(started->text);
  return row;
}

void give_lanes(std::vector<history::ChildRow>& rows) {
  std::ranges::sort(rows, {}, [](const auto& row) { return std::pair(row.start_ms, row.index); });
  using Busy = std::pair<int64_t, uint32_t>;  // until, lane
  std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy;
  std::set<uint32_t> free;
  uint32_t lanes = 0;
  for (history::ChildRow& row : rows) {
    const int64_t start_us = row.start_ms * 1'000;
    for (; !busy.empty() && busy.top().first <= start_us; busy.pop())
      free.insert(busy.top().second);
    if (free.empty()) free.insert(lanes++);
    row.lane = *free.begin();
    free.erase(free.begin());
    busy.emplace(start_us + row.duration_us, row.lane);
  }
}

uint64_t external_events(const std::vector<Event>& events) {
  return static_cast<uint64_t>(std::ranges::count_if(
      events, [](const Event& event) { return !history::is_internal(event.type); }));
}

}  // namespace weft::importing

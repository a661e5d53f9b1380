#include "importing/import_rows.h"

#include <algorithm>
#include <queue>
#include <set>
#include <utility>

#include "history/outcome.h"
#include "history/path_signature.h"
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

void add_timing(const history::InvocationTiming& timing, history::ChildRow& row) {
  row.cold_start_us += static_cast<uint32_t>(timing.init_us);
  row.queue_us += static_cast<uint32_t>(timing.queued_us);
  row.run_us += static_cast<uint32_t>(timing.run_us);
}

}  // namespace

Outcome outcome_of(const std::vector<Event>& events) {
  Outcome out;
  if (!events.empty()) out.start_ms = events.front().time_ms;
  for (const Event& event : events) {
    if (event.type == EventType::kExecutionStarted) out.start_ms = event.time_ms;
    if (event.type == EventType::kExecutionRedriven) {
      out.status = ExecutionStatus::kRunning;
      out.stop_ms = 0;
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
  const Outcome outcome = outcome_of(events);
  history::ChildRow row{
      .index = index, .start_ms = outcome.start_ms, .status = outcome.status, .turns = 1};
  row.duration_us =
      facts ? facts->duration_us : std::max<int64_t>(0, outcome.stop_ms - outcome.start_ms) * 1'000;
  uint32_t retries = 0;
  history::PathSignature path;
  for (const Event& event : events) {
    path.add(event);
    if (event.type == EventType::kWeftRetryScheduled) ++retries;
    if (event.timing) add_timing(*event.timing, row);
    if (event.type == EventType::kExecutionStarted) {
      row.input_bytes = static_cast<uint32_t>(event.text.size());
      row.items = facts ? facts->items : items_of(event.text);
    }
    if (!history::is_terminal(event.type)) continue;
    row.output_bytes = static_cast<uint32_t>(event.text.size());
    row.error_group =
        event.error || event.cause
            ? history::error_fingerprint(event.error.value_or(""), event.cause.value_or(""))
            : 0;
  }
  row.retries = static_cast<uint16_t>(std::min<uint32_t>(retries, UINT16_MAX));
  row.path = path.value();
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

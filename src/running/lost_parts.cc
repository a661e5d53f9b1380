#include "running/lost_parts.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/replay.h"
#include "history/codec.h"

namespace weft::running {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionKey;
using history::ExecutionStatus;
using store::Family;

// The turns of an execution's history that follow one another from its beginning.
struct Beginning {
  uint32_t turns = 0;
  uint64_t last_event_id = 0;
  base::UnixMs last_event_ms = 0;
  std::vector<std::string> behind;  // keys of those that do not
};

base::Result<Beginning> read_beginning(const store::Store& store, ExecutionKey key,
                                       const std::shared_ptr<const asl::Program>& program) {
  Beginning found;
  engine::ExecutionState state;
  state.program = program;
  const auto fits = [&](const records::TurnPlace& place, std::string_view value) {
    if (!found.behind.empty() || place.turn != found.turns) return false;
    const auto turn = history::decode_turn(value);
    if (!turn) return false;
    // apply() takes nothing back: half a turn that fits is not asked for again.
    for (const Event& event : turn->events) {
      if (program != nullptr) {
        if (!engine::misfit(state, event).empty()) return false;
        engine::apply(state, event);
      } else if (event.id != 0 && event.id != found.last_event_id + 1) {
        return false;
      }
      found.last_event_id = std::max(found.last_event_id, event.id);
      found.last_event_ms = std::max(found.last_event_ms, event.time_ms);
    }
    ++found.turns;
    return true;
  };
  auto scanned =
      store::scan_checked(store, Family::kTurn, records::turn_key(key, 0),
                          records::turn_key({key.run, key.index + 1}, 0), false,
                          [&](std::string_view at, std::string_view value) -> base::Result<bool> {
                            const auto place = records::parse_turn_key(at);
                            if (!place) return std::unexpected(place.error());
                            const Beginning before = found;
                            if (fits(*place, value)) return true;
                            found.last_event_id = before.last_event_id;
                            found.last_event_ms = before.last_event_ms;
                            found.behind.emplace_back(at);
                            return true;
                          });
  if (!scanned) return std::unexpected(scanned.error());
  return found;
}

std::string encoded(std::vector<Event> events) {
  std::string bytes;
  history::encode_turn({std::move(events)}, bytes);
  return bytes;
}

// The counts of a Map Run, by its rows; what is not known of it waits.
base::Result<void> count_by_rows(const store::Store& store, records::MapRunRecord& record) {
  history::MapRunCounts& children = record.executions;
  history::MapRunCounts& items = record.items;
  const uint64_t total = std::max(children.total, children.finished());
  children = {};
  items = {};
  auto scanned =
      store::scan_checked(store, Family::kRow, records::row_key(record.number, 0),
                          records::row_key(record.number + 1, 0), false,
                          [&](std::string_view, std::string_view value) -> base::Result<bool> {
                            const auto rows = history::decode_rows(value);
                            if (!rows) return std::unexpected(rows.error());
                            for (const history::ChildRow& row : *rows) {
                              ++children.ended(row.status);
                              items.ended(row.status) += row.items;
                            }
                            return true;
                          });
  if (!scanned) return scanned;
  children.total = std::max(total, children.finished());
  children.pending = children.total - children.finished();
  items.total = items.finished();
  return {};
}

}  // namespace

std::string lost_cause(const std::string& why) {
  return fmt::format("A part of the store was lost: {}", why);
}

base::Result<void> end_lost_execution(const store::Store& store,
                                      const std::shared_ptr<const asl::Program>& program,
                                      records::ExecutionRecord record, const std::string& why,
                                      base::UnixMs now_ms, store::Batch& batch) {
  auto beginning = read_beginning(store, record.key, program);
  if (!beginning) return std::unexpected(beginning.error());
  for (std::string& key : beginning->behind) batch.remove(Family::kTurn, std::move(key));
  record.status = ExecutionStatus::kFailed;
  record.stop_ms = std::max({now_ms, record.start_ms, beginning->last_event_ms});
  record.lost = true;
  std::vector<Event> events;
  uint64_t id = beginning->last_event_id;
  if (beginning->turns == 0) {
    events.push_back({.type = EventType::kExecutionStarted,
                      .id = ++id,
                      .time_ms = record.start_ms,
                      .resource = record.role_arn});
  }
  events.push_back({.type = EventType::kExecutionFailed,
                    .id = id + 1,
                    .previous_id = id,
                    .time_ms = record.stop_ms,
                    .error = kLostError,
                    .cause = lost_cause(why)});
  batch.put(Family::kTurn, records::turn_key(record.key, beginning->turns),
            encoded(std::move(events)));
  batch.put(Family::kExecution, records::execution_key(record.key), records::encode(record));
  return {};
}

base::Result<records::MapRunRecord> lost_run(const store::Store& store,
                                             records::MapRunRecord record, const std::string& why,
                                             bool fails, base::UnixMs now_ms) {
  record.lost = true;
  if (!fails) return record;
  record.status = records::MapRunStatus::kFailed;
  record.closing.reset();
  record.stop_ms = std::max(now_ms, record.start_ms);
  record.error = kLostError;
  record.cause = lost_cause(why);
  if (auto counted = count_by_rows(store, record); !counted)
    return std::unexpected(counted.error());
  return record;
}

base::Result<std::optional<records::MapRunRecord>> missing_run(const store::Store& store,
                                                               Programs& programs,
                                                               const Parent& parent,
                                                               uint64_t number,
                                                               base::UnixMs now_ms) {
  std::optional<Event> started;
  auto scanned = store::scan_checked(
      store, Family::kTurn, records::turn_key(parent.key, 0),
      records::turn_key({parent.key.run, parent.key.index + 1}, 0), false,
      [&](std::string_view, std::string_view value) -> base::Result<bool> {
        auto turn = history::decode_turn(value);
        if (!turn) return std::unexpected(turn.error());
        for (Event& event : turn->events) {
          if (event.type == EventType::kMapRunStarted && std::cmp_equal(event.number, number))
            started = std::move(event);
        }
        return !started;
      });
  if (!scanned) return std::unexpected(scanned.error());
  const auto program = programs.get(parent.definition_hash);
  if (!started || !program || started->state >= (*program)->states.size()) return std::nullopt;
  const asl::State& state = (*program)->state(started->state);
  const auto* map = std::get_if<asl::MapState>(&state.body);
  if (map == nullptr) return std::nullopt;
  return lost_run(store,
                  {.number = number,
                   .arn = started->name,
                   .execution_arn = parent.arn,
                   .parent = parent.key,
                   .parent_scope = started->scope,
                   .state = started->state,
                   .state_name = state.name,
                   .label = map->label,
                   .express = map->child_type == asl::ChildType::kExpress,
                   .machine_name = parent.machine_name,
                   .definition_hash = parent.definition_hash,
                   .role_arn = parent.role_arn,
                   .start_ms = started->time_ms},
                  fmt::format("the record of Map Run {}", number), true, now_ms);
}

}  // namespace weft::running

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "importing/placing.h"
#include "records/records.h"

// The second phase of Placing: which Map Runs there are, and which children are whose.

namespace weft::importing {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionKey;
using store::Family;

// The Map Run of children whose own is not known.
std::string made_up_run(const std::string& arn, const arn::StatesArn& parts) {
  return arn::sibling_arn(arn, "mapRun",
                          fmt::format("{}/{}{}", parts.machine, parts.label, kMadeUp));
}

}  // namespace

// Children that came before their Map Run, with lines that do not name it, wait in one made up for
// them.
base::Result<void> Placing::add_waiting_children() {
  for (const std::string& arn : started_runs_) {
    const auto parts = arn::parse_states_arn(arn);
    if (!parts || parts->kind != "mapRun") continue;
    const auto waiting = query_.map_run(made_up_run(arn, *parts));
    if (!waiting) continue;
    auto scanned = store_.scan(Family::kName, records::imported_child_key({waiting->number, 0}),
                               records::imported_child_key({waiting->number + 1, 0}), false,
                               [&](std::string_view, std::string_view child) {
                                 arns_.emplace(child);
                                 return true;
                               });
    if (!scanned) return scanned;
  }
  return {};
}

// The Map Run called `arn`, as stored or new.
base::Result<Run*> Placing::run_of(const std::string& arn) {
  const auto known = touched_.runs.find(arn);
  if (known != touched_.runs.end()) return &known->second;
  auto stored = query_.map_run(arn);
  Run run;
  if (stored) {
    run.record = std::move(*stored);
    if (auto loaded = load_rows(run); !loaded) return std::unexpected(loaded.error());
  } else if (stored.error().code == base::ErrorCode::kResourceNotFound) {
    auto parts = arn::parse_states_arn(arn);
    auto number = target_.new_run_number();
    if (!number) return std::unexpected(number.error());
    run.record = {.number = *number,
                  .arn = arn,
                  .label = parts->label,
                  .machine_name = parts->machine,
                  .imported = true};
  } else {
    return std::unexpected(stored.error());
  }
  return &touched_.runs.emplace(arn, std::move(run)).first->second;
}

base::Result<void> Placing::load_rows(Run& run) {
  const uint64_t number = run.record.number;
  auto scanned = query_.rows(number, [&](const history::ChildRow& row) {
    run.rows[row.index] = row;
    return true;
  });
  if (!scanned) return scanned;
  return store::scan_checked(store_, Family::kName, records::imported_child_key({number, 0}),
                             records::imported_child_key({number + 1, 0}), false,
                             [&](std::string_view key, std::string_view) -> base::Result<bool> {
                               const auto child = records::parse_imported_child_key(key);
                               if (!child) return std::unexpected(child.error());
                               run.taken.insert(child->index);
                               return true;
                             });
}

void Placing::note_map_run_start(Known& parent, size_t at) {
  Event& event = parent.assembled.events[at];
  records::MapRunRecord& record = touched_.runs.at(event.name).record;
  event.number = static_cast<int64_t>(record.number);
  record.execution_arn = parent.assembled.arn;
  record.parent_scope = event.scope;
  record.start_ms = event.time_ms;
  record.status = records::MapRunStatus::kRunning;
  record.stop_ms = 0;
  record.redrive_count = 0;
  record.redrive_ms = 0;
  for (size_t before = at; before-- > 0;) {
    const Event& entered = parent.assembled.events[before];
    if (entered.type != EventType::kMapStateEntered || entered.scope != event.scope) continue;
    record.state_name = entered.name;
    break;
  }
}

// What the parent's events say about its Map Runs.
void Placing::note_map_runs(Known& parent) {
  std::map<history::ScopeId, records::MapRunRecord*> open;
  const auto end = [&](const Event& event, records::MapRunStatus status) {
    const auto found = open.find(event.scope);
    if (found == open.end()) return;
    found->second->status = status;
    found->second->stop_ms = event.time_ms;
    found->second->error = event.error.value_or("");
    found->second->cause = event.cause.value_or("");
    open.erase(found);
  };
  for (size_t at = 0; at < parent.assembled.events.size(); ++at) {
    const Event& event = parent.assembled.events[at];
    const bool known =
        touched_.runs.contains(event.name) && !touched_.runs.at(event.name).record.arn.empty();
    if (event.type == EventType::kMapRunStarted && known) {
      note_map_run_start(parent, at);
      open[event.scope] = &touched_.runs.at(event.name).record;
    } else if (event.type == EventType::kMapRunRedriven && known) {
      records::MapRunRecord& record = touched_.runs.at(event.name).record;
      record.status = records::MapRunStatus::kRunning;
      record.stop_ms = 0;
      record.redrive_ms = event.time_ms;
      ++record.redrive_count;
      open[event.scope] = &record;
    } else if (event.type == EventType::kMapRunSucceeded) {
      end(event, records::MapRunStatus::kSucceeded);
    } else if (event.type == EventType::kMapRunFailed) {
      end(event, records::MapRunStatus::kFailed);
    } else if (event.type == EventType::kMapRunAborted) {
      end(event, records::MapRunStatus::kAborted);
    } else if (history::is_terminal(event.type)) {
      while (!open.empty()) {
        Event last = event;
        last.scope = open.begin()->first;
        end(last, records::MapRunStatus::kAborted);
      }
    }
  }
}

// Of the Map Runs with the child's state machine and label the one that had started last.
std::string Placing::guess_run(const Known& child) const {
  const records::MapRunRecord* best = nullptr;
  const auto consider = [&](const records::MapRunRecord& run) {
    const bool fits = run.machine_name == child.parts.machine && run.label == child.parts.label &&
                      run.start_ms > 0 && run.start_ms <= child.start_ms();
    if (fits && (best == nullptr || run.start_ms > best->start_ms)) best = &run;
  };
  for (const auto& [arn, run] : touched_.runs) consider(run.record);
  for (const records::MapRunRecord& run : stored_runs_) consider(run);
  if (best != nullptr) return best->arn;
  return made_up_run(child.assembled.arn, child.parts);
}

base::Result<void> Placing::load_started_runs() {
  const bool guesses = std::ranges::any_of(touched_.executions, [](const Known& one) {
    return !one.parts.label.empty() && one.assembled.map_run_arn.empty();
  });
  if (!guesses) return {};
  return store_.scan(Family::kMapRun, "", "", false, [&](std::string_view, std::string_view bytes) {
    auto run = records::decode_map_run(bytes);
    if (run && run->imported && run->start_ms > 0) stored_runs_.push_back(std::move(*run));
    return true;
  });
}

// A child that waits in a Map Run made up for it moves to its own as soon as that is known: `arn`
// becomes that one's.
base::Result<void> Placing::leave_made_up_run(Known& child, std::string& arn) {
  const auto named = arn::parse_states_arn(child.assembled.map_run_arn);
  const std::string better =
      named && named->kind == "mapRun" ? child.assembled.map_run_arn : guess_run(child);
  if (better == arn) return {};
  auto old = run_of(arn);
  if (!old) return std::unexpected(old.error());
  const ExecutionKey key = *child.key;
  (*old)->rows.erase(key.index);
  (*old)->taken.erase(key.index);
  touched_.batch.remove(Family::kName, records::imported_child_key(key));
  auto scanned = store_.scan(Family::kTurn, records::turn_key(key, 0),
                             records::turn_key({key.run, key.index + 1}, 0), false,
                             [&](std::string_view turn, std::string_view) {
                               touched_.batch.remove(Family::kTurn, std::string(turn));
                               return true;
                             });
  if (!scanned) return scanned;
  child.key.reset();
  arn = better;
  return {};
}

// Which Map Run a child belongs to.
base::Result<void> Placing::find_run(Known& child) {
  std::string arn = child.assembled.map_run_arn;
  if (child.key) {
    auto record = query_.map_run(child.key->run);
    if (!record) return std::unexpected(record.error());
    arn = record->arn;
    if (arn == made_up_run(child.assembled.arn, child.parts)) {
      if (auto moved = leave_made_up_run(child, arn); !moved) return moved;
    }
  } else if (const auto parts = arn::parse_states_arn(arn); !parts || parts->kind != "mapRun") {
    arn = guess_run(child);
  }
  auto run = run_of(arn);
  if (!run) return std::unexpected(run.error());
  if (!(*run)->record.imported) {  // a Map Run of our own has no children from elsewhere
    child.foreign = true;
    ++touched_.report.own;
    return {};
  }
  child.run = (*run)->record.number;
  child.assembled.map_run_arn = arn;
  if (child.key) {  // what the row knew and no event says
    // ... which is nothing when its duration is that of the events stored so far.
    const auto row = (*run)->rows.find(child.key->index);
    if (!child.assembled.child && row != (*run)->rows.end() &&
        row->second.duration_us != told_us_[child.assembled.arn]) {
      // ... and the duration is of its last run then: one that is new has its own.
      const history::ChildRow told =
          row_of_events(child.key->index, child.assembled.events, std::nullopt);
      const bool same_run = told.redrives == row->second.redrives;
      child.assembled.child = cloudwatch::ChildFacts{
          .items = row->second.items,
          .duration_us = same_run ? row->second.duration_us : told.duration_us};
    }
  }
  return {};
}

base::Result<void> Placing::find_runs() {
  std::vector<std::pair<base::UnixMs, std::string>> started;
  for (const Known& parent : touched_.executions) {
    for (const Event& event : parent.assembled.events) {
      const auto parts = arn::parse_states_arn(event.name);
      if (event.type == EventType::kMapRunStarted && parts && parts->kind == "mapRun") {
        started.emplace_back(event.time_ms, event.name);
      }
    }
  }
  std::ranges::sort(started);
  for (const auto& [time, arn] : started) {
    if (auto run = run_of(arn); !run) return std::unexpected(run.error());
  }
  for (Known& parent : touched_.executions) note_map_runs(parent);
  if (auto loaded = load_started_runs(); !loaded) return loaded;
  for (Known& child : touched_.executions) {
    if (child.parts.label.empty()) continue;
    if (auto found = find_run(child); !found) return found;
  }
  return {};
}

}  // namespace weft::importing

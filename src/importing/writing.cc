#include "importing/writing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "history/codec.h"
#include "importing/import_rows.h"
#include "records/content_hash.h"
#include "records/records.h"
#include "trace/nested.h"

namespace weft::importing {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionKey;
using store::Family;

constexpr size_t kEventsPerTurn = 500;
constexpr size_t kRowsPerChunk = 512;
constexpr size_t kBatchBytesMax = 8u << 20;

std::vector<std::string> encode_turns(const std::vector<Event>& events) {
  std::vector<std::string> turns;
  for (size_t from = 0; from < events.size(); from += kEventsPerTurn) {
    const size_t to = std::min(events.size(), from + kEventsPerTurn);
    history::TurnEvents turn;
    turn.events.assign(events.begin() + static_cast<ptrdiff_t>(from),
                       events.begin() + static_cast<ptrdiff_t>(to));
    history::encode_turn(turn, turns.emplace_back());
  }
  return turns;
}

}  // namespace

base::Result<void> Writing::write(const base::Text& definition) {
  if (!definition.is_null() && !touched_.executions.empty()) {
    definition_hash_ = records::content_hash(definition.view());
    touched_.batch.put(Family::kDefinition, definition_hash_, definition.str());
  }
  if (auto done = write_nested(); !done) return done;
  if (auto done = write_runs(); !done) return done;
  for (Known& execution : touched_.executions) {
    if (auto done = write_execution(execution); !done) return done;
  }
  for (auto& [arn, run] : touched_.runs) {
    if (auto done = write_rows(run); !done) return done;
    touched_.report.map_runs += run.record.imported && !run.is_left() ? 1 : 0;
  }
  return flush(true);
}

base::Result<void> Writing::flush(bool always) {
  if (touched_.batch.empty() || (!always && touched_.batch.bytes() < kBatchBytesMax)) return {};
  return target_.commit(std::exchange(touched_.batch, {}));
}

// Which execution started which: the places of nested ones in its trace follow from it, whatever
// comes first. Of several that name the same one it is the earliest.
base::Result<void> Writing::write_nested() {
  std::map<std::string, std::string> outer;
  for (const Known& execution : touched_.executions) {
    for (const Event& event : execution.assembled.events) {
      std::string arn = trace::nested_execution_of(event);
      if (arn.empty()) continue;
      std::string value;
      store::append_u64(value, static_cast<uint64_t>(event.time_ms));
      value += records::execution_key(*execution.key);
      const auto [known, fresh] = outer.try_emplace(std::move(arn), value);
      if (!fresh) known->second = std::min(known->second, value);
    }
  }
  for (auto& [arn, value] : outer) {
    std::string key = records::imported_nested_key(arn);
    auto stored = store_.get(Family::kName, key);
    if (!stored) return std::unexpected(stored.error());
    if (*stored && **stored <= value) continue;
    touched_.batch.put(Family::kName, std::move(key), std::move(value));
  }
  return flush(false);
}

base::Result<void> Writing::write_runs() {
  for (auto& [arn, run] : touched_.runs) {
    if (!run.record.imported) continue;
    if (run.is_left()) {
      touched_.batch.remove(Family::kName, records::imported_arn_key(arn));
      touched_.batch.remove(Family::kMapRun, records::map_run_key(run.record.number));
      continue;
    }
    run.record.definition_hash =
        definition_hash_.empty() ? run.record.definition_hash : definition_hash_;
    std::string number;
    store::append_u64(number, run.record.number);
    touched_.batch.put(Family::kName, records::imported_arn_key(arn), std::move(number));
    touched_.batch.put(Family::kMapRun, records::map_run_key(run.record.number),
                       records::encode(run.record));
    if (run.record.parent != ExecutionKey{}) {
      touched_.batch.put(Family::kExecutionMapRun,
                         records::execution_map_run_key(run.record.parent, run.record.number), "");
    }
  }
  return flush(false);
}

void Writing::put_record(const Known& execution) {
  const std::vector<Event>& events = execution.assembled.events;
  const Lifetime lifetime = lifetime_of(events);
  records::ExecutionRecord record{
      .key = *execution.key,
      .name = execution.parts.name,
      .arn = execution.assembled.arn,
      .machine_name = execution.parts.machine,
      .machine_arn =
          arn::sibling_arn(execution.assembled.arn, "stateMachine", execution.parts.machine),
      .definition_hash = definition_hash_,
      .trace = execution.trace,
      .status = lifetime.status,
      .start_ms = lifetime.start_ms,
      .stop_ms = lifetime.stop_ms,
      .redrive_count = lifetime.redrives,
      .redrive_ms = lifetime.redrive_ms,
      .imported = true};
  if (events.front().type == EventType::kExecutionStarted)
    record.role_arn = events.front().resource;
  if (definition_hash_.empty()) {
    if (auto before = query_.execution_record(record.key)) {
      record.definition_hash = before->definition_hash;
    }
  }
  touched_.batch.put(Family::kExecution, records::execution_key(record.key),
                     records::encode(record));
}

base::Result<void> Writing::write_execution(Known& execution) {
  const ExecutionKey key = *execution.key;
  const std::vector<Event>& events = execution.assembled.events;
  std::vector<std::string> turns = encode_turns(events);
  const auto count = static_cast<uint32_t>(turns.size());
  bool changed = execution.stored_events == 0;
  for (uint32_t turn = 0; turn < count; ++turn) {
    auto stored = store_.get(Family::kTurn, records::turn_key(key, turn));
    if (!stored) return std::unexpected(stored.error());
    if (*stored == turns[turn]) continue;
    changed = true;
    touched_.batch.put(Family::kTurn, records::turn_key(key, turn), std::move(turns[turn]));
  }
  const Lifetime lifetime = lifetime_of(events);
  const bool running = lifetime.status == history::ExecutionStatus::kRunning;
  const uint64_t fresh = external_events(events) - execution.stored_events;
  touched_.report.new_events += fresh;
  touched_.report.changed += changed ? 1 : 0;
  touched_.report.incomplete += execution.assembled.incomplete ? 1 : 0;
  touched_.report.running += running ? 1 : 0;
  ++(key.run == 0 ? touched_.report.executions : touched_.report.children);
  touched_.batch.put(Family::kName, records::imported_arn_key(execution.assembled.arn),
                     records::execution_key(key));
  if (key.run == 0) {
    put_record(execution);
  } else {
    touched_.batch.put(Family::kName, records::imported_child_key(key), execution.assembled.arn);
    Run& run = touched_.runs.at(execution.assembled.map_run_arn);
    run.rows.erase(key.index);
    if (!running) {
      history::ChildRow row = row_of_events(key.index, events, execution.assembled.child);
      row.turns = count;
      run.rows[key.index] = row;
    }
  }
  return flush(false);
}

base::Result<void> Writing::write_rows(Run& run) {
  if (!run.record.imported) return {};
  const uint64_t number = run.record.number;
  std::vector<history::ChildRow> rows;
  history::MapRunCounts counts;
  history::MapRunCounts items;
  for (const auto& [index, row] : run.rows) {
    rows.push_back(row);
    ++counts.ended(row.status);
    ++counts.total;
    items.ended(row.status) += row.items;
    items.total += row.items;
  }
  counts.running = items.running = run.taken.size() - rows.size();
  counts.total += counts.running;
  items.total += items.running;
  give_lanes(rows);
  bool changed = false;
  for (size_t from = 0; from < rows.size(); from += kRowsPerChunk) {
    std::string bytes;
    for (size_t i = from; i < std::min(rows.size(), from + kRowsPerChunk); ++i) {
      history::encode_row(rows[i], bytes);
    }
    std::string key = records::row_key(run.record.number, from / kRowsPerChunk);
    auto stored = store_.get(Family::kRow, key);
    if (!stored) return std::unexpected(stored.error());
    if (*stored == bytes) continue;
    changed = true;
    touched_.batch.put(Family::kRow, std::move(key), std::move(bytes));
    if (auto done = flush(false); !done) return done;
  }
  auto fewer = store_.scan(
      Family::kRow, records::row_key(number, (rows.size() + kRowsPerChunk - 1) / kRowsPerChunk),
      records::row_key(number + 1, 0), false, [&](std::string_view key, std::string_view) {
        changed = true;
        touched_.batch.remove(Family::kRow, std::string(key));
        return true;
      });
  if (!fewer || run.is_left()) return fewer;
  run.record.revision += changed ? 1 : 0;
  run.record.executions = counts;
  run.record.items = items;
  touched_.batch.put(Family::kMapRun, records::map_run_key(run.record.number),
                     records::encode(run.record));
  return flush(false);
}

}  // namespace weft::importing

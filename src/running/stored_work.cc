#include "running/stored_work.h"

#include <algorithm>

#include <fmt/format.h>

#include "history/codec.h"
#include "maprun/configuration.h"
#include "records/records.h"

namespace weft::running {
namespace {

using history::ExecutionKey;
using store::Family;

// How many children may have run at once at any time.
uint64_t most_at_once(const records::MapRunRecord& run) {
  const auto allowed = [](double concurrency) {
    const maprun::Configuration one{.max_concurrency = static_cast<uint64_t>(concurrency)};
    return one.concurrency();
  };
  uint64_t most = allowed(static_cast<double>(run.max_concurrency));
  for (const records::LimitChange& change : run.changes) {
    if (change.setting != records::LimitChange::Setting::kConcurrency) continue;
    most = std::max({most, allowed(change.from), allowed(change.to)});
  }
  return most;
}

base::Result<records::ExecutionRecord> execution_of(std::string_view key, std::string_view value) {
  auto record = records::decode_execution(value);
  if (!record) return record;
  if (record->key.run != 0 || key != records::execution_key(record->key))
    return damaged("the record of execution '" + record->name + "' has another's key");
  return record;
}

base::Result<records::MapRunRecord> map_run_of(std::string_view key, std::string_view value) {
  auto record = records::decode_map_run(value);
  if (!record) return record;
  if (record->number == 0 || key != records::map_run_key(record->number))
    return damaged("the record of a Map Run has another's key");
  return record;
}

template <typename Decode, typename Visit>
base::Result<void> scan_records(const store::Store& store, Family family, const Decode& decode,
                                const Visit& visit) {
  return store::scan_checked(
      store, family, "", "", false,
      [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        auto visited = visit(decode(key, value));
        if (!visited) return std::unexpected(visited.error());
        return true;
      });
}

}  // namespace

base::Result<void> scan_executions(const store::Store& store, const VisitExecution& visit) {
  return scan_records(store, Family::kExecution, execution_of, visit);
}

base::Result<void> scan_map_runs(const store::Store& store, const VisitMapRun& visit) {
  return scan_records(store, Family::kMapRun, map_run_of, visit);
}

base::Result<Replayed> replay_open(const store::Store& store, ExecutionKey key,
                                   std::shared_ptr<const asl::Program> program, asl::BlockId root) {
  auto out = replay(store, key, std::move(program), root);
  if (out && out->state.closed()) {
    return damaged(
        fmt::format("execution ({}, {}) is open, and its history has ended", key.run, key.index));
  }
  return out;
}

base::Result<base::Text> input_of_express(const store::Store& store, ExecutionKey key) {
  auto bytes = store.get(Family::kTurn, records::turn_key(key, 0));
  if (!bytes) return std::unexpected(bytes.error());
  history::TurnEvents turn;
  if (*bytes) {
    auto decoded = history::decode_turn(**bytes);
    if (!decoded) return std::unexpected(decoded.error());
    turn = std::move(*decoded);
  }
  if (turn.events.empty() || turn.events.front().type != history::EventType::kExecutionStarted ||
      history::is_terminal(turn.events.back().type)) {
    return damaged(fmt::format(
        "Express execution ({}, {}) is open, and its history does not begin or has ended", key.run,
        key.index));
  }
  return std::move(turn.events.front().text);
}

base::Result<RestoredRun> restore_stored_run(const store::Store& store, Programs& programs,
                                             records::MapRunRecord record,
                                             const arn::Home& identity) {
  auto program = programs.get(record.definition_hash);
  if (!program) return std::unexpected(program.error());
  if (auto checked = check_run(record, **program); !checked)
    return std::unexpected(checked.error());
  return restore_run(store, run_info(std::move(record), *program, identity));
}

base::Result<void> scan_begun_children(const store::Store& store, const RestoredRun& run,
                                       const VisitChild& visit) {
  const RunInfo& info = *run.info;
  if (info.record.express) return {};  // nothing of those that ran is stored: they wait again
  // Children start in order, at most `concurrency` at once: past that many without a turn, none has
  // begun. They may have started when more were allowed.
  const uint64_t most = most_at_once(info.record);
  uint64_t silent = 0;
  for (const uint64_t index : run.machine->unfinished()) {
    if (silent > most) break;
    const ExecutionKey key{info.record.number, index};
    auto first = store.get(Family::kTurn, records::turn_key(key, 0));
    if (!first) return std::unexpected(first.error());
    if (!*first) {
      ++silent;
      continue;
    }
    auto replayed = replay(store, key, info.program, info.processor);
    if (!replayed) return std::unexpected(replayed.error());
    if (replayed->state.closed()) {  // it ended before the redrive, and has not begun again
      if (info.record.redrive_count == 0)
        return damaged(fmt::format("child ({}, {}) has ended, and has no row", key.run, key.index));
      ++silent;
      continue;
    }
    if (auto visited = visit(index, std::move(*replayed)); !visited) return visited;
  }
  return {};
}

std::vector<AwaitedRun> awaited_runs(const engine::ExecutionState& state) {
  std::vector<AwaitedRun> awaited;
  for (const engine::Scope& scope : state.scopes) {
    if (scope.waiting != engine::Waiting::kMapRun) continue;
    awaited.push_back({.number = scope.map_run,
                       .redrives = scope.map_run_redrives,
                       .scope = scope.id,
                       .state = scope.state});
  }
  return awaited;
}

base::Result<void> check_awaited(const store::Store& store, ExecutionKey parent,
                                 const AwaitedRun& awaited) {
  auto bytes = store.get(Family::kMapRun, records::map_run_key(awaited.number));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) {
    return damaged(fmt::format("execution ({}, {}) waits for Map Run {}, whose record is missing",
                               parent.run, parent.index, awaited.number));
  }
  const auto record = records::decode_map_run(**bytes);
  if (!record) return std::unexpected(record.error());
  if (record->parent == parent) return {};
  return damaged(fmt::format("execution ({}, {}) waits for Map Run {}, which another one started",
                             parent.run, parent.index, awaited.number));
}

}  // namespace weft::running

#include <algorithm>

#include "base/check.h"
#include "running/shard.h"
#include "running/shard_state.h"

// Taking over what was open when the last process ended.

namespace weft::running {

void Shard::adopt_execution(const records::ExecutionRecord& record, engine::ExecutionState state,
                            uint32_t turns) {
  Live& live = add_top_level(record);
  live.state = std::move(state);
  live.turns = turns;
  live.ahead_us = std::max<int64_t>(0, live.state.last_event_ms * 1'000 - clock_.now_us());
  limit_time(live, live.state.program->timeout_seconds,
             record.redrive_count > 0 ? record.redrive_ms : record.start_ms);
}

void Shard::adopt_child(std::shared_ptr<const RunInfo> run, uint64_t index, uint32_t lane,
                        uint32_t items, engine::ExecutionState state, uint32_t turns,
                        history::RowOfEvents row) {
  Live& live = add_child(std::move(run), index, lane, items);
  live.state = std::move(state);
  live.turns = turns;
  live.ahead_us = std::max<int64_t>(0, live.state.last_event_ms * 1'000 - clock_.now_us());
  const base::UnixMs start_ms =
      live.state.redrives > 0 ? live.state.redrive_ms : live.state.start_ms;
  live.start_us = start_ms * 1'000;
  live.measured.start_ms = start_ms;
  live.row = std::move(row);
}

Shard::LiveRun& Shard::add_run(std::shared_ptr<const RunInfo> info,
                               std::unique_ptr<maprun::MapRun> machine, uint32_t slices,
                               uint64_t output_bytes) {
  auto run = std::make_unique<LiveRun>();
  run->configuration = std::make_shared<const maprun::Configuration>(machine->configuration());
  run->info = std::move(info);
  run->machine = std::move(machine);
  run->slices = slices;
  run->output_bytes = output_bytes;
  const uint64_t number = run->info->record.number;
  WEFT_CHECK(owner_of_run(number, settings_.shards) == number_ && !runs_.contains(number));  // R11
  return *(runs_[number] = std::move(run));
}

void Shard::adopt_map_run(std::shared_ptr<const RunInfo> info,
                          std::unique_ptr<maprun::MapRun> machine, uint32_t slices,
                          uint64_t output_bytes) {
  const LiveRun& run = add_run(std::move(info), std::move(machine), slices, output_bytes);
  adopted_runs_.push_back(run.info->record.number);
}

std::optional<uint32_t> Shard::redrives_awaited(history::ExecutionKey key, uint64_t map_run) const {
  const auto found = executions_.find(key);
  if (found == executions_.end()) return std::nullopt;
  for (const engine::Scope& scope : found->second->state.scopes) {
    if (scope.waiting == engine::Waiting::kMapRun && scope.map_run == map_run)
      return scope.map_run_redrives;
  }
  return std::nullopt;
}

bool Shard::waits_for_task(history::ExecutionKey key, uint32_t task) const {
  const auto found = executions_.find(key);
  if (found == executions_.end()) return false;
  return std::ranges::any_of(found->second->state.scopes, [&](const engine::Scope& scope) {
    return scope.waiting == engine::Waiting::kTask && scope.task == task;
  });
}

void Shard::resume() {
  std::vector<history::ExecutionKey> keys;
  keys.reserve(executions_.size());
  for (const auto& [key, live] : executions_) keys.push_back(key);
  std::ranges::sort(keys);
  for (const history::ExecutionKey& key : keys) {
    Live& live = *executions_.at(key);
    if (adopted_stops_.contains(key) || adopted_run_stops_.contains(key.run)) {
      advance(live, engine::Stop{});
      continue;
    }
    std::vector<engine::Action> actions = engine::outstanding(live.state);
    TurnCommit unsaved;  // nothing new is stored: the effects follow from what is on disk
    take_actions(live, actions, unsaved);
    for (Effect& effect : unsaved.effects) {
      if (auto* task = std::get_if<integrations::TaskRequest>(&effect)) task->again = true;
      effects_.perform(std::move(effect));
    }
  }
  for (const uint64_t number : adopted_runs_) {
    LiveRun& run = *runs_.at(number);
    if (run.info->record.closing) {
      effects_.perform(WriteResults{run.info, run.configuration});
      continue;
    }
    const bool stopped = adopted_run_stops_.contains(number);
    take_reaction(run, stopped ? run.machine->on(maprun::StopRun{}) : run.machine->begin());
  }
  adopted_runs_.clear();
  adopted_stops_.clear();
  adopted_run_stops_.clear();
}

}  // namespace weft::running

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "running/shard.h"
#include "running/shard_state.h"

// What ended without success goes on.

namespace weft::running {

void Shard::on(RedriveTopLevel& message) {
  Live& live = add_top_level(message.record);
  live.state = std::move(message.state);
  live.turns = message.turns;
  // Its clock does not go back.
  live.ahead_us = std::max<int64_t>(0, live.state.last_event_ms * 1'000 - clock_.now_us());
  live.start_us = now_us(live);
  TurnCommit commit;
  commit.batch.put(store::Family::kExecution, records::execution_key(live.key),
                   records::encode(*live.record));
  live.redriven = std::move(message.redriven);
  limit_time(live, live.state.program->timeout_seconds, message.record.redrive_ms);
  advance(live, engine::Redrive{}, std::move(commit));
}

void Shard::on(RedriveChild& message) {
  const records::MapRunRecord& run = message.run->record;
  const auto stopped = stopped_redrives_.find(run.number);
  if (stopped != stopped_redrives_.end() && stopped->second == run.redrive_count) {
    TurnCommit commit;
    commit.effects.emplace_back(Send{owner_of_run(run.number, settings_.shards),
                                     MapRunChildReturned{run.number, message.index}});
    commits_.submit(std::move(commit));
    return;
  }
  Live& live = add_child(message.run, message.index, message.lane, message.items);
  live.state = std::move(message.state);
  live.turns = message.turns;
  live.ahead_us = std::max<int64_t>(0, live.state.last_event_ms * 1'000 - clock_.now_us());
  live.start_us = now_us(live);
  live.row = std::move(message.row);
  advance(live, engine::Redrive{});
}

void Shard::on(MapRunChildReturned& message) {
  const auto found = runs_.find(message.run);
  if (found == runs_.end()) return;
  take_reaction(*found->second, found->second->machine->on(maprun::ChildReturned{message.index}));
}

void Shard::on(RedriveRun& message) {
  WEFT_CHECK(owner_of_run(message.run, settings_.shards) == number_);  // R11
  if (const auto found = runs_.find(message.run); found != runs_.end()) {
    found->second->redrive = std::move(message);
    return;
  }
  reopening_[message.run] = {.redrives = message.redrives};
  // What is read to be redriven is read from the disk: its end has to be there.
  if (const auto ending = ending_.find(message.run); ending != ending_.end()) {
    ending->second.redrive = std::move(message);
    return;
  }
  effects_.perform(ReopenMapRun{message.run, message.redrives, std::move(message.program)});
}

void Shard::on(MapRunReopened& message) {
  const auto reopening = reopening_.find(message.run);
  // R21: a run is read to be redriven once at a time.
  WEFT_CHECK(reopening != reopening_.end());
  const bool stopping = reopening->second.stopping;
  reopening_.erase(reopening);
  LiveRun& run = add_run(std::move(message.info), std::move(message.machine), message.slices,
                         message.output_bytes);
  TurnCommit commit;
  commit.batch = std::move(message.batch);
  commit.reopened_run = message.run;
  maprun::Reaction reaction = stopping        ? run.machine->on(maprun::StopRun{})
                              : message.fault ? run.machine->on(std::move(*message.fault))
                                              : run.machine->begin();
  take_reaction(run, std::move(reaction), std::move(commit));
}

}  // namespace weft::running

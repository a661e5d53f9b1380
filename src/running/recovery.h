#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "base/error.h"
#include "running/ports.h"
#include "running/programs.h"
#include "running/shard.h"
#include "store/store.h"

namespace weft::running {

// What recovery found, for the log and for numbering on.
struct Recovered {
  uint64_t executions = 0;      // open top-level executions
  uint64_t children = 0;        // open children that had begun
  uint64_t map_runs = 0;        // open Map Runs
  uint64_t next_execution = 1;  // first unused top-level sequence number
  uint64_t next_run = 1;        // first unused Map Run number
  uint64_t next_chunk = 1;      // first unused row chunk
  // Map Runs that ended while their parent had not heard of it.
  std::vector<CollectResults> unreported;
  // The same of failed ones; and orders to stop nested executions that a task gave up.
  std::vector<Deliver> undelivered;
  // Executions that wait, and the Map Runs that wait with them (ShardSettings::can_go_on).
  std::vector<HeldExecution> held;
  std::map<uint64_t, MapRunProgress> held_runs;  // by number, as they stand
  // Map Runs that their parents have redriven: to be sent once all is resumed.
  std::vector<RedriveRun> redrives;
  // Express executions that were acknowledged and have no end: they begin again.
  std::vector<StartTopLevel> restarts;
};

// Rebuilds every open execution by applying its stored events, and every open Map Run from its
// slices and rows, and hands them to their shards. Nothing is evaluated again and nothing is
// written; Shard::resume() sets it all in motion. Open children are found without a mark of their
// own: they have turns but no row. Express children have neither while they run: their Map Run
// starts them again as if they had waited.
base::Result<Recovered> recover(const store::Store& store, Programs& programs,
                                const ShardSettings& settings,
                                const std::function<Shard&(uint32_t)>& shard);

}  // namespace weft::running

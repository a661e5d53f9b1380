#pragma once

#include <memory>

#include "base/error.h"
#include "running/ports.h"
#include "running/programs.h"
#include "running/shard.h"
#include "store/store.h"

// Map Runs put together again from what is stored of them: after a crash, and to be redriven.

namespace weft::running {

struct RestoredRun {
  std::shared_ptr<const RunInfo> info;
  std::unique_ptr<maprun::MapRun> machine;  // before begin()
  uint32_t slices = 0;
  uint64_t output_bytes = 0;  // of the children that have ended
};

// The constant facts of a run, from its record and its definition.
std::shared_ptr<RunInfo> run_info(records::MapRunRecord record,
                                  std::shared_ptr<const asl::Program> program,
                                  const arn::Home& identity);
// The record of a Map Run names a Map state of its definition.
base::Result<void> check_run(const records::MapRunRecord& run, const asl::Program& program);

// An open run as of its stored slices and rows; its children wait, also those that had begun.
base::Result<RestoredRun> restore_run(const store::Store& store,
                                      std::shared_ptr<const RunInfo> info);

// Counts as they are told: a result is there as soon as its child has ended; those that are
// exported with their files.
history::MapRunCounts counts_of(history::MapRunCounts counts, bool exported);

// How far a run is.
MapRunProgress progress_of(const records::MapRunRecord& record, const maprun::MapRun& machine);

// How far an open run was when it was stored last; its children wait, also those that had begun.
// Reads every slice and row of it.
base::Result<MapRunProgress> stored_progress(const store::Store& store, Programs& programs,
                                             const arn::Home& identity,
                                             records::MapRunRecord record);

// What a redrive makes of a run that has ended without success, as its shard is told: the record in
// `info` is the new one, and `batch` has it and moves the rows of children that are to run again
// aside. `redrives`: how many of this run there have been, this one included. Writes nothing.
// Blocks; any thread.
base::Result<MapRunReopened> reopen_run(const store::Store& store, uint64_t number,
                                        std::shared_ptr<const asl::Program> program,
                                        const arn::Home& identity, uint32_t redrives,
                                        base::UnixMs now_ms);

// What puts the rows back of those children of a redriven run that did not run again after all.
// Empty for a run that never was redriven.
base::Result<SettledRows> settle_rows(const store::Store& store,
                                      const records::MapRunRecord& record);

}  // namespace weft::running

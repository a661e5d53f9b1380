#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "arn/arn.h"
#include "base/error.h"
#include "base/text.h"
#include "maprun/map_run.h"
#include "running/programs.h"
#include "running/replayed.h"
#include "running/run_restore.h"
#include "store/store.h"

namespace weft::running {

// What is open in a store, read as it is to be taken over: the one reading of recovery, which goes
// on with it, and of find_misfits(), which says what cannot go on. Errors are kStorage with one
// sentence. All of it blocks; any thread.

// Calls `visit` for each record of a top-level execution, or what is wrong with it, in the order of
// their numbers, imported ones too. Its first error ends the scan and is the answer.
using VisitExecution = std::function<base::Result<void>(base::Result<records::ExecutionRecord>)>;
base::Result<void> scan_executions(const store::Store& store, const VisitExecution& visit);
// The same of Map Runs.
using VisitMapRun = std::function<base::Result<void>(base::Result<records::MapRunRecord>)>;
base::Result<void> scan_map_runs(const store::Store& store, const VisitMapRun& visit);

// An open Standard execution as of its stored turns; one whose history has ended is an error.
base::Result<Replayed> replay_open(const store::Store& store, history::ExecutionKey key,
                                   std::shared_ptr<const asl::Program> program, asl::BlockId root);
// What an open Express execution, which begins again, began with.
base::Result<base::Text> input_of_express(const store::Store& store, history::ExecutionKey key);

// An open Map Run as of its stored slices and rows; its children wait.
base::Result<RestoredRun> restore_stored_run(const store::Store& store, Programs& programs,
                                             records::MapRunRecord record,
                                             const arn::Home& identity);
// Calls `visit` for each child of that run that had begun and is open, lowest index first. Those of
// an Express run begin again and are not among them. One that has ended and has no row is an error.
using VisitChild = std::function<base::Result<void>(uint64_t index, Replayed child)>;
base::Result<void> scan_begun_children(const store::Store& store, const RestoredRun& run,
                                       const VisitChild& visit);

// The Map Runs that an open execution waits for.
struct AwaitedRun {
  uint64_t number = 0;
  uint32_t redrives = 0;  // of it, by its parent
  history::ScopeId scope = 0;
  asl::StateId state = asl::kNoState;
};
std::vector<AwaitedRun> awaited_runs(const engine::ExecutionState& state);
// Whether the Map Run that an execution waits for is there, and its own: else it would wait for
// ever.
base::Result<void> check_awaited(const store::Store& store, history::ExecutionKey parent,
                                 const AwaitedRun& awaited);

}  // namespace weft::running

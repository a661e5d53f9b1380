#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "history/event.h"
#include "records/records.h"
#include "running/run_restore.h"
#include "store/store.h"

namespace weft::running {

// How many turns of each child of a Map Run are stored, by index. An error names the first child
// whose turns have a gap.
base::Result<std::vector<uint32_t>> count_turns(const store::Store& store, uint64_t run);

// Whether what is stored of the children of a Map Run that ran here fits its slices, its rows and
// its counts: every child that has ended has one row and all its turns, no other has, and none is
// beyond those that were read. `run` as restore_stored_run() made it. Errors are kStorage with one
// sentence. Blocks; any thread.
base::Result<void> check_children(const store::Store& store, const RestoredRun& run);

}  // namespace weft::running

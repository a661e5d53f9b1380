#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "history/event.h"
#include "running/ports.h"
#include "store/store.h"

namespace weft::running {

// What came of one child of a Map Run.
struct ChildOutcome {
  uint64_t index = 0;
  history::Event start;   // ExecutionStarted
  history::Event end;     // its last end: a redriven child has several
  uint64_t redrives = 0;  // ExecutionRedriven events
};

// Calls `visit` for each child of the run that has ended, in the order of their indexes, and not
// again once it returns false. Reads their turns one after the other; one that is missing between
// others is an error (kStorage). Blocks; any thread.
base::Result<void> scan_outcomes(
    const store::Store& store, uint64_t run,
    const std::function<base::Result<bool>(const ChildOutcome&)>& visit);

// The record of a child as AWS writes it into the files of a ResultWriter, and into the result of a
// Map state for a failure that is tolerated (AWS page "ResultWriter (Map)", Transformation NONE).
std::string result_record(const arn::ChildNames& names, const RunInfo& run,
                          const ChildOutcome& child);
// The same of one that never started.
std::string pending_record(std::string_view input);

}  // namespace weft::running

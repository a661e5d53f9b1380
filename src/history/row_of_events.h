#pragma once

#include "history/event.h"
#include "history/path_signature.h"
#include "history/rows.h"

namespace weft::history {

// The row of a child out of its events, one after the other: the one computation for a child that
// runs, one that is read back after a crash or to be redriven, and one that is imported. Start,
// duration, sums and retries are those of its last run; the path is that of all. A plain value.
class RowOfEvents {
 public:
  void add(const Event& event);
  // As of the last event added. Its duration is in whole milliseconds, as events tell time, and 0
  // while it runs. Not in it: index, lane, items, turns.
  ChildRow row() const;

 private:
  ChildRow row_{.status = ExecutionStatus::kRunning};
  uint32_t retries_ = 0;
  PathSignature path_;
};

}  // namespace weft::history

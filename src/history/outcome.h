#pragma once

#include "history/event.h"
#include "history/rows.h"

namespace weft::history {

// How an execution ended, by its last event (is_terminal(event)): FAILED by ExecutionFailed.
ExecutionStatus status_of(EventType terminal);

}  // namespace weft::history

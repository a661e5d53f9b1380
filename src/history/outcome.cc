#include "history/outcome.h"

namespace weft::history {

ExecutionStatus status_of(EventType terminal) {
  switch (terminal) {
    case EventType::kExecutionSucceeded:
      return ExecutionStatus::kSucceeded;
    case EventType::kExecutionAborted:
      return ExecutionStatus::kAborted;
    case EventType::kExecutionTimedOut:
      return ExecutionStatus::kTimedOut;
    default:
      return ExecutionStatus::kFailed;
  }
}

}  // namespace weft::history

#include "reading/redrivable.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace weft::reading {

using history::ExecutionStatus;

std::string not_redrivable(const RedriveFacts& facts) {
  if (facts.status == ExecutionStatus::kRunning || facts.status == ExecutionStatus::kSucceeded ||
      facts.status == ExecutionStatus::kPendingRedrive) {
    return fmt::format("Execution is {} and cannot be redriven", history::to_string(facts.status));
  }
  if (facts.events >= kRedrivableEventsMax) return "Execution history event limit exceeded";
  if (facts.now_ms - facts.stop_ms > kRedrivableMs) return "Execution redrivable period exceeded";
  if (facts.now_ms - facts.start_ms > kExecutionAgeMsMax)
    return "Execution has exceeded the max execution time";
  if (facts.redrives >= base::kMapRunRedrivesMax)
    return fmt::format("Execution has been redriven {} times", facts.redrives);
  return "";
}

}  // namespace weft::reading

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "history/rows.h"
#include "reading/query.h"

namespace weft::reading {

// An ended Standard execution is redrivable for so long. AWS: 14 days.
inline constexpr int64_t kRedrivableMs = int64_t{14} * 24 * 3'600 * 1'000;
// And while it is younger than this. AWS: 1 year.
inline constexpr int64_t kExecutionAgeMsMax = int64_t{365} * 24 * 3'600 * 1'000;
// And has fewer events.
inline constexpr uint64_t kRedrivableEventsMax = 24'999;

struct RedriveFacts {
  history::ExecutionStatus status = history::ExecutionStatus::kRunning;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;
  uint64_t events = 0;  // of its history
  uint32_t redrives = 0;
  base::UnixMs now_ms = 0;
};

// Why a Standard execution cannot be redriven, in AWS's words (`redriveStatusReason`); "" when it
// can (AWS page "Restarting state machine executions with redrive", redrive eligibility).
std::string not_redrivable(const RedriveFacts& facts);

// An execution's `redriveStatus` and `redriveStatusReason` as DescribeExecution tells them. A child
// is redriven only together with its Map Run.
struct RedriveStatus {
  std::string_view status;  // REDRIVABLE, NOT_REDRIVABLE, REDRIVABLE_BY_MAP_RUN
  std::string reason;       // of NOT_REDRIVABLE, else ""
};
RedriveStatus redrive_status(const Query& query, const ExecutionView& view, base::UnixMs now_ms);

}  // namespace weft::reading

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "reading/query.h"
#include "running/ports.h"
#include "running/programs.h"

namespace weft::running {

struct RedriveRequest {
  std::string_view arn;
  std::string_view token;  // RedriveExecution's clientToken; "" = none
  base::UnixMs now_ms = 0;
};

// What makes an execution go on, read from the store; `turns` is 0 when the same token did so
// before, at its record's redrive_ms. Errors: those of RedriveExecution. Blocks; one at a time for
// an execution, and the next after the first is durable.
base::Result<RedriveTopLevel> prepare_redrive(const reading::Query& query, Programs& programs,
                                              const RedriveRequest& request);

// What a redrive of an execution that ended without success does.
struct RedrivePlan {
  std::vector<std::string> states;  // whose work begins again, once each
  // That go on: their children run again that did not succeed. The others of `states` that are
  // Distributed Maps begin with a new one.
  std::vector<records::MapRunRecord> map_runs;
};
// Reads its history. Blocks; any thread.
base::Result<RedrivePlan> plan_redrive(const reading::Query& query,
                                       const reading::ExecutionView& view);

}  // namespace weft::running

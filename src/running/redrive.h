#pragma once

#include <string_view>

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

}  // namespace weft::running

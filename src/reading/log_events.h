#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "history/logging_level.h"
#include "reading/query.h"

namespace weft::reading {

// What AWS writes of an execution, as the `loggingConfiguration` says that its state machine had
// when it began, unless told otherwise here.
struct LogEventOptions {
  std::optional<history::LoggingLevel> level;
  std::optional<bool> execution_data;
};

// The log events that AWS would write to the state machine's log group of an execution, then of the
// children of its Map Runs, child by child: `visit` gets one line each, newline included, without
// anything of Weft's own. Returns the level they were chosen by.
base::Result<history::LoggingLevel> log_events(
    const Query& query, std::string_view execution_arn, const LogEventOptions& options,
    const std::function<void(std::string_view line)>& visit);

}  // namespace weft::reading

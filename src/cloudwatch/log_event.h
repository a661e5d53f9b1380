#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "history/event.h"
#include "json/value.h"

// History events as Step Functions writes them to CloudWatch Logs: one JSON object a line (AWS
// Step Functions developer guide, "Using CloudWatch Logs to log execution history").

namespace weft::cloudwatch {

// What Weft knows of a finished child and no AWS log says. Lines that Weft exports carry it (and
// the timing of function calls) in a member of their own, `weft`; AWS's lines have none. It is best
// on every line of the child: when lines come in pieces, the first one seen gives its place.
struct ChildFacts {
  uint64_t index = 0;  // ordinal in the Map Run
  uint32_t items = 1;
  int64_t duration_us = 0;
  friend bool operator==(const ChildFacts&, const ChildFacts&) = default;
};

// One line. `event` has no scope and no state yet: lines do not say, see assembly.h.
struct LogEvent {
  std::string execution_arn;
  std::string map_run_arn;  // of children; "" when the line does not say
  uint64_t redrive_count = 0;
  bool truncated = false;           // a payload was cut by CloudWatch
  std::optional<ChildFacts> child;  // on some lines of a child
  history::Event event;
};

// Reads one line. Numbers may be strings (as AWS writes them) or numbers; members that are not
// known are skipped. kInvalidJson: no JSON object. kInvalidArgument names the member that is
// missing or wrong.
base::Result<LogEvent> parse_log_line(std::string_view line);
base::Result<LogEvent> parse_log_event(json::Value line);

// Reads one event of GetExecutionHistory's answer; the execution it belongs to is not in it.
// Timestamps may be Unix seconds or ISO 8601 (as AWS's command line prints them).
base::Result<LogEvent> parse_history_event(json::Value event, std::string_view execution_arn);

// AWS cuts an input or output that is longer, as it stands in the line (AWS page "Logging using
// CloudWatch Logs").
inline constexpr size_t kPayloadBytesMax = 248 * 1024;

struct LogLineOptions {
  bool execution_data = true;  // false: as with includeExecutionData=false
  // What AWS does not log: timing of function calls, ChildFacts, payloads that it cuts.
  bool weft_member = true;
  std::string_view region = "us-east-1";
};

// Appends `line` as one line, newline included, in AWS's order of members. The event must not be
// internal.
void append_log_line(const LogEvent& line, const LogLineOptions& options, std::string& out);

}  // namespace weft::cloudwatch

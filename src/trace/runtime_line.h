#pragma once

#include <optional>
#include <string_view>

#include "trace/log_level.h"

namespace weft::trace {

// What Lambda's runtimes put before a message that is logged as text. AWS: "Log and monitor Node.js
// Lambda functions" and the same of Python.
//   Node.js  2025-01-31T08:00:00.000Z\tREQUEST\tERROR\tmessage
//   Python   [ERROR]\t2025-01-31T08:00:00.000Z\tREQUEST\tmessage
// Views into the text.
struct RuntimeLine {
  LogLevel level = LogLevel::kUnknown;
  std::string_view level_name;
  std::string_view request_id;  // "undefined" or "" of what was logged before the first call
  std::string_view message;
};

// Nothing when `text` does not begin so.
std::optional<RuntimeLine> parse_runtime_line(std::string_view text);

}  // namespace weft::trace

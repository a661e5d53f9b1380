#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "history/event.h"

namespace weft::history {

// Which events Step Functions writes to CloudWatch Logs (AWS page "Using CloudWatch Logs to log
// execution history", "Log levels for Step Functions execution events").
enum class LoggingLevel : uint8_t { kOff, kFatal, kError, kAll };

std::string_view to_string(LoggingLevel level);  // "OFF", "FATAL", "ERROR", "ALL"
std::optional<LoggingLevel> parse_logging_level(std::string_view text);

// Whether an event of this type is written at this level. Internal ones never are.
bool is_logged(EventType type, LoggingLevel level);

}  // namespace weft::history

#include "history/logging_level.h"

#include <algorithm>
#include <array>

namespace weft::history {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"OFF", "FATAL", "ERROR", "ALL"};

}  // namespace

std::string_view to_string(LoggingLevel level) { return kNames[static_cast<size_t>(level)]; }

std::optional<LoggingLevel> parse_logging_level(std::string_view text) {
  const auto found = std::ranges::find(kNames, text);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<LoggingLevel>(found - kNames.begin());
}

bool is_logged(EventType type, LoggingLevel level) {
  if (is_internal(type)) return false;
  switch (level) {
    case LoggingLevel::kOff:
      return false;
    case LoggingLevel::kFatal:
      return type == EventType::kExecutionFailed || type == EventType::kExecutionAborted ||
             type == EventType::kExecutionTimedOut;
    case LoggingLevel::kError: {
      // All that AWS's table lists are called so, and nothing else is.
      const std::string_view name = to_string(type);
      return name.ends_with("Failed") || name.ends_with("TimedOut") || name.ends_with("Aborted") ||
             type == EventType::kFailStateEntered;
    }
    case LoggingLevel::kAll:
      return true;
  }
  return false;
}

}  // namespace weft::history

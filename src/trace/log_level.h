#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "trace/log_line.h"

namespace weft::trace {

// How bad a line is, as log libraries count it.
enum class LogLevel : uint8_t { kUnknown, kTrace, kDebug, kInfo, kWarn, kError, kFatal };

// "ERROR" ...; "" of kUnknown.
std::string_view to_string(LogLevel level);

// "ERROR", "warning", "Critical" ...; nothing when `text` is no level.
std::optional<LogLevel> parse_log_level(std::string_view text);

// The level of a line: its severity; else what its text says near its beginning, as a member of a
// JSON object ("level", "severity", "levelname", "log.level") or as a word ("[ERROR] ...",
// "2025-01-31T08:00:00Z\tid\tERROR\t..."), as runtimes and log libraries write it; what runtimes
// print of a call that failed ({"errorType", "errorMessage"}) is an ERROR. kUnknown when it
// says none: that something came through standard error says nothing.
LogLevel level_of(const LogLine& line);

// The levels of the lines of one execution, one after the other: a line that begins with a blank
// goes on with the line before it of the same call and stream (stack traces), and so does the head
// of Python's.
class LogLevels {
 public:
  LogLevel next(const LogLine& line);

 private:
  std::string call_;
  LogLine::Source source_ = LogLine::Source::kStdout;
  LogLevel last_ = LogLevel::kUnknown;
};

}  // namespace weft::trace

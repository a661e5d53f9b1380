#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "trace/ids.h"
#include "trace/log_line.h"

namespace weft::telemetry {

// A log record as a function sent it: `line` without `attempt`, with the request id and the span it
// names itself, if any; time_ns = 0 when it says none.
struct LogRecord {
  trace::LogLine line;
  trace::TraceId trace;  // zero: none
};

// OTLP/HTTP's ExportLogsServiceRequest (opentelemetry-proto, logs/v1). Texts are cut as those of
// spans (span_limits.h). Errors as in decode_traces.h.
base::Result<std::vector<LogRecord>> decode_otlp_logs_protobuf(std::string_view body);
base::Result<std::vector<LogRecord>> decode_otlp_logs_json(std::string_view body);

// What the two encodings share: `number` is a SeverityNumber; an attribute's place.
void set_severity(uint64_t number, std::string_view text, trace::LogLine& line);
void set_log_attribute(std::string_view key, std::string_view value, trace::LogLine& line);

// What a process printed during one call. `read_at`: up to which byte had been read at which moment
// (Unix epoch, nanoseconds), both growing. `from_stderr`: from and to which byte, growing; all else
// came through stdout.
struct PrintedText {
  std::string request_id;
  std::string text;
  std::vector<std::pair<size_t, int64_t>> read_at;
  std::vector<std::pair<size_t, size_t>> from_stderr;
  uint64_t lines_lost = 0;  // before `text`
};
// Its lines, the last `bytes_max` bytes of them as LogLine::bytes() counts; empty ones are left
// out. Those that came before are told by a line with `not_kept`.
std::vector<trace::LogLine> split_lines(const PrintedText& printed, size_t bytes_max);

}  // namespace weft::telemetry

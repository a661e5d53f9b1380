#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace weft::trace {

// A line that a function printed, or a log record that it sent, in one form.
struct LogLine {
  enum class Source : uint8_t {
    kStdout,  // printed to standard output (before streams were told apart: or error)
    kOtlp,    // sent by OTLP
    kStderr,  // printed to standard error
  };
  // Unix epoch. Of what was printed when Weft read it, of a record as sent, by the function's
  // clock.
  int64_t time_ns = 0;
  Source source = Source::kStdout;
  // The attempt whose call logged it, as of InnerSpan. 0: only the trace was recognised.
  uint64_t attempt = 0;
  uint64_t span_id = 0;    // of the span that was open, when it was said; else 0
  std::string request_id;  // of the call; "" when only the trace was recognised
  std::string severity;    // "INFO"; "" when not known
  std::string logger;      // what wrote it: the name of OTLP's scope
  std::string text;
  // Above 0: no line, but the place of lines of this call that were not kept: so many that it had
  // printed before; or, of records, all from here on.
  uint64_t not_kept = 0;
  std::vector<std::pair<std::string, std::string>> attributes;

  // What it takes of a call's log bytes: texts, and a bit for each line.
  size_t bytes() const;
  friend bool operator==(const LogLine&, const LogLine&) = default;
};
// "stdout", "otlp", "stderr"
std::string_view to_string(LogLine::Source source);

// One stored value: the lines of one execution that arrived together. Layout:
// docs/internals/store-format.md.
std::string encode_log_lines(const std::vector<LogLine>& lines);
// Appends them to `lines`. kStorage when the bytes are damaged.
base::Result<void> decode_log_lines(std::string_view bytes, std::vector<LogLine>& lines);

}  // namespace weft::trace

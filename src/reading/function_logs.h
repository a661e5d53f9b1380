#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "history/event.h"
#include "reading/query.h"
#include "trace/log_level.h"
#include "trace/log_line.h"
#include "trace/redact.h"

namespace weft::reading {

// A place in a list of lines: before line `line` (by time, from 0) of what `key` logged.
struct LogPosition {
  history::DetailKey key;
  uint64_t line = 0;

  std::string to_text() const;
  // kInvalidArgument.
  static base::Result<LogPosition> parse(std::string_view text);
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

// Which lines: `arn` or `request_id` must be given; all that are given must hold.
struct LogQuestion {
  std::string arn;         // of an execution, which means its children too; a child; or a Map Run
  std::string request_id;  // of one function call
  bool own = false;        // none of children
  std::string child;       // ARN: of this child only, with what is nested in it
  std::string state;       // name
  uint32_t attempt = 0;    // of the state, from 1; 0 = all
  trace::LogLevel level = trace::LogLevel::kUnknown;  // at least; kUnknown = all
  std::string text;                                   // contained in the line as it is shown
  int64_t from_ns = INT64_MIN;                        // Unix epoch
  int64_t to_ns = INT64_MAX;                          // excluded
  // When given, only stored blocks that it wants: Query::next_log_lines().
  std::function<bool(uint64_t sequence)> wants;
  bool note = true;  // say what was not kept, which takes longer while a Map Run goes on

  // Where to begin, and when to stop: after so many lines, bytes of their texts, or lines looked
  // at.
  std::optional<LogPosition> after;
  size_t lines_max = SIZE_MAX;
  size_t bytes_max = SIZE_MAX;
  size_t looks_max = SIZE_MAX;
};

// A line fit to be shown, and whose it is.
struct FunctionLine {
  // A child of a Map Run, a nested execution, or one nested in a child.
  struct Child {
    std::string arn;  // of the child; "" where none is
    std::string map;  // name of the Map state
    uint64_t index = 0;
    std::string nested;  // ARN of the nested execution; "" of the child's own lines
    // The ARN of the one that logged the line.
    const std::string& logged_by() const { return nested.empty() ? arn : nested; }
  };
  trace::LogLine line;
  std::string state;     // "" when the call's attempt is not known
  uint32_t attempt = 0;  // from 1; 0 when not known
  // What the line, or the one that it goes on with, says.
  trace::LogLevel level = trace::LogLevel::kUnknown;
  const Child* child = nullptr;  // null: of what was asked about itself
};

struct FunctionLogs {
  std::string arn;                  // what was asked about: of a request id its execution
  std::optional<LogPosition> next;  // there may be more from here on
  std::string note;                 // what was not kept, and why; may be empty
  uint64_t without_level = 0;       // lines that a level asked for left out, as they say none
};

// So many Map Runs are read, those that children started among them.
inline constexpr size_t kMapRunsReadMax = 1'000;

// What the functions of an execution, of those nested in it and of all their children printed and
// logged, from all sources: its own lines first, then those of nested executions as they were
// started, then child by child in their order in the Map Run, after each child those of the
// executions nested in it; by time within each.
// `visit` gets one line at a time, valid during the call; texts and attributes show what `redactor`
// shows. Takes memory for the lines of one execution, however many children there are.
// kInvalidArgument: neither arn nor request id, or the child is none of its own;
// kExecutionDoesNotExist, kResourceNotFound: nothing is called so, or no call with this request id
// logged anything.
base::Result<FunctionLogs> read_function_logs(
    const Query& query, const LogQuestion& question, const trace::Redactor& redactor,
    const std::function<void(const FunctionLine&)>& visit);

}  // namespace weft::reading

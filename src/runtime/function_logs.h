#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/query.h"
#include "trace/log_line.h"

namespace weft::runtime {

// Which lines: `arn` or `request_id` must be given; all that are given must hold.
struct LogQuestion {
  std::string arn;         // of an execution or child
  std::string request_id;  // of one function call
  std::string state;       // name
  uint32_t attempt = 0;    // of the state, from 1; 0 = all
};

struct FunctionLogs {
  struct Line {
    trace::LogLine line;
    std::string state;     // "" when the call's attempt is not known
    uint32_t attempt = 0;  // from 1; 0 when not known
  };
  std::string execution_arn;
  std::vector<Line> lines;  // by time
  std::string note;         // a sentence on why there are none; may be empty
};

// What the functions of one execution printed and logged, from all sources in one list.
// kInvalidArgument: neither arn nor request id. kExecutionDoesNotExist, kResourceNotFound: nothing
// is called so, or no call with this request id logged anything.
base::Result<FunctionLogs> read_function_logs(const Query& query, const LogQuestion& question);

}  // namespace weft::runtime

#pragma once

#include <cstddef>
#include <string>

#include "trace/log_line.h"

namespace weft::trace {

// Finds private keys that a call printed, which take several lines: nothing in their middle says
// what it is. Wants the lines of one execution, one after the other.
class PrintedKeys {
 public:
  // Whether the line goes on with a key that an earlier line of the same call began.
  bool next(const LogLine& line);

 private:
  std::string call_;
  size_t left_ = 0;  // lines that may be of the key
};

}  // namespace weft::trace

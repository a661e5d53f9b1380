#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"
#include "integrations/lambda/invocation.h"

namespace weft::lambda {

// A function's log file. Each call is one block, written at once when it ends, between the START
// and REPORT lines AWS prints, so that calls of several processes never mix. Any thread.
class FunctionLog {
 public:
  // Opens `path` for appending. Errors: kIo.
  static base::Result<std::unique_ptr<FunctionLog>> open(const std::string& path);
  ~FunctionLog();
  FunctionLog(const FunctionLog&) = delete;
  FunctionLog& operator=(const FunctionLog&) = delete;

  // A failing disk loses log text, never a call.
  void append(std::string_view request_id, const InvocationResult& result);

 private:
  explicit FunctionLog(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace weft::lambda

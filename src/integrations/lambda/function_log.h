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

// What Lambda itself writes into the log of a call that it ended, at its time-out or because the
// process did: one line, or two behind each other with a carriage return between; "" of all others.
// AWS: "2026-01-31T08:00:00.000Z REQUEST Task timed out after 3.00 seconds", and "RequestId:
// REQUEST Error: Runtime exited with error: exit status 1" above "Runtime.ExitError".
std::string platform_line(std::string_view request_id, const InvocationResult& result);

// What CloudWatch holds of one call: its lines between START, END and REPORT, as AWS writes these
// in text format but for the memory used, which nobody measures. `memory_mb`: the function's. AWS:
// "View CloudWatch logs for Python Lambda functions", "Log format".
std::string invocation_log(std::string_view request_id, const InvocationResult& result,
                           int memory_mb);

// AWS's LogResult: the last 4 KiB of invocation_log(), in Base64.
std::string log_result(std::string_view request_id, const InvocationResult& result, int memory_mb);

}  // namespace weft::lambda

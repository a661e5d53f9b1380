#include "integrations/lambda/function_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/time.h"
#include "history/error_message.h"
#include "integrations/lambda/log_capture.h"

namespace weft::lambda {

namespace {

// What the call printed, whole lines.
std::string lines_of(const InvocationResult& result) {
  std::string lines = result.log;
  // Runtimes print what was logged at once as one line, with these for the ends of lines within.
  std::ranges::replace(lines, '\r', '\n');
  if (!lines.empty() && !lines.ends_with('\n')) lines += '\n';
  return lines;
}

double milliseconds(int64_t micros) { return static_cast<double>(micros) / 1000; }

}  // namespace

base::Result<std::unique_ptr<FunctionLog>> FunctionLog::open(const std::string& path) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    return base::fail(base::ErrorCode::kIo, fmt::format("Cannot open the function log '{}': {}.",
                                                        path, std::strerror(errno)));
  }
  return std::unique_ptr<FunctionLog>(new FunctionLog(fd));
}

FunctionLog::~FunctionLog() { close(fd_); }

void FunctionLog::append(std::string_view request_id, const InvocationResult& result) {
  std::string block =
      fmt::format("{} START RequestId: {} Sandbox: {}\n", base::format_iso_ms(result.started_ms),
                  request_id, result.sandbox);
  block += lines_of(result);
  if (!result.error.empty())
    block += fmt::format("ERROR RequestId: {} {}\n", request_id, result.cause);
  block += fmt::format("REPORT RequestId: {} Duration: {:.2f} ms", request_id,
                       milliseconds(result.run_us));
  if (result.cold_start)
    block += fmt::format(" Init Duration: {:.2f} ms", milliseconds(result.init_us));
  block += '\n';
  // One write of an O_APPEND file is not split between writers.
  [[maybe_unused]] ssize_t written = write(fd_, block.data(), block.size());
}

std::string platform_line(std::string_view request_id, const InvocationResult& result) {
  if (result.outcome != InvocationResult::Outcome::kTimedOut &&
      result.outcome != InvocationResult::Outcome::kFunctionError)
    return {};
  const auto message = history::error_message(result.cause);
  if (!message) return {};
  const std::string ours = fmt::format("RequestId: {} Error: ", request_id);
  if (!message->starts_with(ours)) return {};  // the function's own words
  if (result.outcome == InvocationResult::Outcome::kFunctionError)
    return fmt::format("{}\r{}\n", *message, result.error);
  return fmt::format("{} {} {}\n", base::format_iso_ms(result.started_ms + result.run_us / 1'000),
                     request_id, message->substr(ours.size()));
}

std::string invocation_log(std::string_view request_id, const InvocationResult& result,
                           int memory_mb) {
  std::string text = fmt::format("START RequestId: {} Version: $LATEST\n", request_id);
  text += lines_of(result);
  text += fmt::format("END RequestId: {}\n", request_id);
  text += fmt::format(
      "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB",
      request_id, milliseconds(result.run_us), (result.run_us + 999) / 1000, memory_mb);
  if (result.cold_start)
    text += fmt::format("\tInit Duration: {:.2f} ms", milliseconds(result.init_us));
  if (result.outcome == InvocationResult::Outcome::kTimedOut) text += "\tStatus: timeout";
  if (result.outcome == InvocationResult::Outcome::kFunctionError) text += "\tStatus: error";
  return text + '\n';
}

std::string log_result(std::string_view request_id, const InvocationResult& result, int memory_mb) {
  const std::string whole = invocation_log(request_id, result, memory_mb);
  return base::to_base64(
      std::string_view(whole).substr(whole.size() - std::min(whole.size(), kLogTailBytes)));
}

}  // namespace weft::lambda

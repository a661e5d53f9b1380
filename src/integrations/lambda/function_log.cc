#include "integrations/lambda/function_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/time.h"

namespace weft::lambda {

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
  block += result.log;
  // Runtimes print what was logged at once as one line, with these for the ends of lines within.
  std::ranges::replace(block, '\r', '\n');
  if (!block.ends_with('\n')) block += '\n';
  if (!result.error.empty())
    block += fmt::format("ERROR RequestId: {} {}\n", request_id, result.cause);
  block += fmt::format("REPORT RequestId: {} Duration: {:.2f} ms", request_id,
                       static_cast<double>(result.run_us) / 1000);
  if (result.cold_start)
    block += fmt::format(" Init Duration: {:.2f} ms", static_cast<double>(result.init_us) / 1000);
  block += '\n';
  // One write of an O_APPEND file is not split between writers.
  [[maybe_unused]] ssize_t written = write(fd_, block.data(), block.size());
}

}  // namespace weft::lambda

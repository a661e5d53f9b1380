#include "integrations/lambda/log_capture.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace weft::lambda {

base::Result<std::shared_ptr<LogCapture>> LogCapture::create() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return base::fail(
        base::ErrorCode::kIo,
        fmt::format("Cannot make a pipe for a function's output: {}.", std::strerror(errno)));
  }
  // Only our end: the process expects to block when it prints faster than we read.
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return std::shared_ptr<LogCapture>(new LogCapture(ends[0], ends[1]));
}

LogCapture::~LogCapture() {
  close_write_end();
  close(read_fd_);
}

void LogCapture::close_write_end() {
  if (write_fd_ >= 0) close(std::exchange(write_fd_, -1));
}

bool LogCapture::drain() {
  std::lock_guard lock(mutex_);
  return drain_locked();
}

bool LogCapture::drain_locked() {
  std::array<char, 16 * 1024> buffer;
  // Bounded, so that a process that never stops printing cannot hold the caller.
  for (int round = 0; round < 64 && !ended_; ++round) {
    ssize_t count = read(read_fd_, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return true;
    if (count == 0) {
      ended_ = true;
      break;
    }
    text_.append(buffer.data(), static_cast<size_t>(count));
    if (text_.size() > 2 * kLogBytesMax) text_.erase(0, text_.size() - kLogBytesMax);
  }
  return !ended_;
}

std::string LogCapture::take() {
  std::lock_guard lock(mutex_);
  drain_locked();
  std::string result = std::exchange(text_, {});
  if (result.size() > kLogBytesMax) result.erase(0, result.size() - kLogBytesMax);
  return result;
}

}  // namespace weft::lambda

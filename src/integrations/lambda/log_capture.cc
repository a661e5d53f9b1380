#include "integrations/lambda/log_capture.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace weft::lambda {
namespace {

int64_t epoch_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

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
    auto& [text, read_at, lines_lost] = printed_;
    text.append(buffer.data(), static_cast<size_t>(count));
    if (read_at.size() < kMomentsMax) {
      read_at.emplace_back(text.size(), epoch_ns());
    } else {
      read_at.back().first = text.size();
    }
    if (text.size() > 2 * kLogBytesMax) cut_locked();
  }
  return !ended_;
}

void LogCapture::cut_locked() {
  auto& [text, read_at, lines_lost] = printed_;
  if (text.size() <= kLogBytesMax) return;
  const size_t gone = text.size() - kLogBytesMax;
  const auto end = text.begin() + static_cast<ptrdiff_t>(gone);
  lines_lost += static_cast<uint64_t>(std::count(text.begin(), end, '\n'));
  text.erase(text.begin(), end);
  std::erase_if(read_at, [gone](const auto& moment) { return moment.first <= gone; });
  for (auto& [bytes, when] : read_at) bytes -= gone;
}

LogCapture::Printed LogCapture::take() {
  std::lock_guard lock(mutex_);
  drain_locked();
  cut_locked();
  return std::exchange(printed_, {});
}

}  // namespace weft::lambda

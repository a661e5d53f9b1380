#include "integrations/lambda/log_capture.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "clock/system_clock.h"
#include "sync/mutex.h"

namespace weft::lambda {
base::Result<std::shared_ptr<LogCapture>> LogCapture::create() {
  const std::shared_ptr<LogCapture> capture(new LogCapture());
  for (Pipe& pipe : capture->pipes_) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      return base::fail(
          base::ErrorCode::kIo,
          fmt::format("Cannot make a pipe for a function's output: {}.", std::strerror(errno)));
    }
    // Only our end: the process expects to block when it prints faster than we read.
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    pipe.read_fd = ends[0];
    pipe.write_fd = ends[1];
  }
  return capture;
}

LogCapture::~LogCapture() {
  close_write_ends();
  for (const Pipe& pipe : pipes_) {
    if (pipe.read_fd >= 0) close(pipe.read_fd);
  }
}

void LogCapture::close_write_ends() {
  for (Pipe& pipe : pipes_) {
    if (pipe.write_fd >= 0) close(std::exchange(pipe.write_fd, -1));
  }
}

void LogCapture::drain() {
  const sync::MutexLock lock(mutex_);
  drain_locked();
}

bool LogCapture::ended(Stream stream) const {
  const sync::MutexLock lock(mutex_);
  return unfinished_[stream].ended;
}

void LogCapture::drain_locked() {
  // Bounded, so that a process that never stops printing cannot hold the caller.
  for (int round = 0; round < 64; ++round) {
    const bool out = read_locked(kStdout);
    const bool err = read_locked(kStderr);
    if (!out && !err) return;
  }
}

bool LogCapture::read_locked(Stream stream) {
  Unfinished& unfinished = unfinished_[stream];
  if (unfinished.ended) return false;
  std::array<char, 16 * 1024> buffer;
  ssize_t count = 0;
  do {
    count = read(pipes_[stream].read_fd, buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return false;
  if (count == 0) {
    unfinished.ended = true;
    return false;
  }
  const int64_t now = clock::unix_ns();
  std::string_view text(buffer.data(), static_cast<size_t>(count));
  // Whole lines only, so that those of the two streams do not mix.
  const size_t lines = text.rfind('\n') + 1;
  if (lines > 0) {
    flush_locked(stream);
    append_locked(stream, text.substr(0, lines), now);
    text.remove_prefix(lines);
  }
  unfinished.rest += text;
  unfinished.rest_read_at = now;
  if (unfinished.rest.size() > kLogBytesMax) flush_locked(stream);
  return true;
}

void LogCapture::append_locked(Stream stream, std::string_view piece, int64_t now) {
  auto& [text, read_at, from_stderr, lines_lost] = printed_;
  const bool was_stderr = !from_stderr.empty() && from_stderr.back().second == text.size();
  // The other stream's line that has no end.
  if (!text.empty() && text.back() != '\n' && was_stderr != (stream == kStderr)) text += '\n';
  const size_t begin = text.size();
  text += piece;
  if (stream == kStderr) {
    if (was_stderr && from_stderr.back().second == begin) {
      from_stderr.back().second = text.size();
    } else {
      from_stderr.emplace_back(begin, text.size());
    }
  }
  if (read_at.size() < kMomentsMax) {
    read_at.emplace_back(text.size(), read_at.empty() ? now : std::max(now, read_at.back().second));
  } else {
    read_at.back().first = text.size();
  }
  if (text.size() > 2 * kLogBytesMax) cut_locked();
}

void LogCapture::flush_locked(Stream stream) {
  Unfinished& unfinished = unfinished_[stream];
  if (unfinished.rest.empty()) return;
  append_locked(stream, unfinished.rest, unfinished.rest_read_at);
  unfinished.rest.clear();
}

void LogCapture::cut_locked() {
  auto& [text, read_at, from_stderr, lines_lost] = printed_;
  if (text.size() <= kLogBytesMax) return;
  const size_t gone = text.size() - kLogBytesMax;
  const auto end = text.begin() + static_cast<ptrdiff_t>(gone);
  lines_lost += static_cast<uint64_t>(std::count(text.begin(), end, '\n'));
  text.erase(text.begin(), end);
  std::erase_if(read_at, [gone](const auto& moment) { return moment.first <= gone; });
  for (auto& [bytes, when] : read_at) bytes -= gone;
  std::erase_if(from_stderr, [gone](const auto& range) { return range.second <= gone; });
  for (auto& [from, to] : from_stderr) {
    from -= std::min(from, gone);
    to -= gone;
  }
}

LogCapture::Printed LogCapture::take() {
  const sync::MutexLock lock(mutex_);
  drain_locked();
  flush_locked(kStdout);
  flush_locked(kStderr);
  cut_locked();
  return std::exchange(printed_, {});
}

}  // namespace weft::lambda

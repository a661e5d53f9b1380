#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace weft::lambda {

// At most this much of what a process prints during one call is kept (the end of it).
inline constexpr size_t kLogBytesMax = 256 * 1024;
// AWS's LogType=Tail.
inline constexpr size_t kLogTailBytes = 4 * 1024;

// What one process prints: owner of the read end of its stdout+stderr pipe. Everything read since
// the last take() belongs to the present call. Any thread.
//
// A process writes its lines before it posts its answer, so a drain at the answer sees all of them:
// no line of one call is attributed to the next.
class LogCapture {
 public:
  // Makes the pipe. Errors: kIo (out of descriptors).
  static base::Result<std::shared_ptr<LogCapture>> create();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  // Readable when the process printed something.
  int read_fd() const { return read_fd_; }
  // The end for the process; the capture keeps it open until close_write_end().
  int write_fd() const { return write_fd_; }
  void close_write_end();

  // Reads what is there without waiting. False when all writers are gone.
  bool drain();
  // What was printed during one call: its text, up to which byte of it had been read when (Unix
  // epoch, nanoseconds; both grow), and how many lines before it were lost.
  struct Printed {
    std::string text;
    std::vector<std::pair<size_t, int64_t>> read_at;
    uint64_t lines_lost = 0;
  };
  // Drains, then hands over what the present call printed and starts the next.
  Printed take();

  // Moments kept of one call; then the last stands for what is read later, too.
  static constexpr size_t kMomentsMax = 4'096;

 private:
  LogCapture(int read_fd, int write_fd) : read_fd_(read_fd), write_fd_(write_fd) {}
  bool drain_locked();
  // Keeps the last kLogBytesMax.
  void cut_locked();

  const int read_fd_;
  int write_fd_;
  std::mutex mutex_;
  Printed printed_;     // guarded by mutex_
  bool ended_ = false;  // guarded by mutex_
};

}  // namespace weft::lambda

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "sync/mutex.h"

namespace weft::lambda {

// At most this much of what a process prints during one call is kept (the end of it).
inline constexpr size_t kLogBytesMax = 256 * 1024;
// AWS's LogType=Tail.
inline constexpr size_t kLogTailBytes = 4 * 1024;

// What one process prints: owner of the read ends of its stdout and stderr pipes. Everything read
// since the last take() belongs to the present call. Any thread.
//
// A process writes its lines before it posts its answer, so a drain at the answer sees all of them:
// no line of one call is attributed to the next. Lines of one stream stay in order; those of both
// come in the order in which they are read, which is that of printing unless the process printed to
// both before anybody could read.
class LogCapture {
 public:
  enum Stream : uint8_t { kStdout, kStderr };
  static constexpr size_t kStreams = 2;

  // Makes the pipes. Errors: kIo (out of descriptors).
  static base::Result<std::shared_ptr<LogCapture>> create();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  // Readable when the process printed something.
  int read_fd(Stream stream) const { return pipes_[stream].read_fd; }
  // The end for the process; the capture keeps both open until close_write_ends().
  int write_fd(Stream stream) const { return pipes_[stream].write_fd; }
  void close_write_ends();

  // Reads what is there without waiting.
  void drain();
  // All writers of the stream are gone, and everything is read.
  bool ended(Stream stream) const;
  // What was printed during one call, whole lines one after the other, whatever their stream.
  struct Printed {
    std::string text;
    // Up to which byte of it had been read when (Unix epoch, nanoseconds); both grow.
    std::vector<std::pair<size_t, int64_t>> read_at;
    // Which bytes of it came through stderr: from and to, growing.
    std::vector<std::pair<size_t, size_t>> from_stderr;
    uint64_t lines_lost = 0;  // before `text`
  };
  // Drains, then hands over what the present call printed and starts the next.
  Printed take();

  // Moments kept of one call; then the last stands for what is read later, too.
  static constexpr size_t kMomentsMax = 4'096;

 private:
  struct Pipe {
    int read_fd = -1;
    int write_fd = -1;
  };
  struct Unfinished {
    bool ended = false;
    std::string rest;          // the line that has no end yet
    int64_t rest_read_at = 0;  // when its end was read
  };

  LogCapture() = default;
  void drain_locked() WEFT_REQUIRES(mutex_);
  // False when nothing was there.
  bool read_locked(Stream stream) WEFT_REQUIRES(mutex_);
  void append_locked(Stream stream, std::string_view text, int64_t now) WEFT_REQUIRES(mutex_);
  void flush_locked(Stream stream) WEFT_REQUIRES(mutex_);
  // Keeps the last kLogBytesMax.
  void cut_locked() WEFT_REQUIRES(mutex_);

  mutable sync::Mutex mutex_;
  std::array<Pipe, kStreams> pipes_;  // descriptors never change but for close_write_ends()
  std::array<Unfinished, kStreams> unfinished_ WEFT_GUARDED_BY(mutex_);
  Printed printed_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::lambda

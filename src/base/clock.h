#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace weft::base {

// The time, handed to whoever must know it: the machine's own is clock/system_clock.h, the
// simulator's and the tests' are theirs. What the three are for: docs/internals/architecture.md,
// "Time". Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // What histories and answers show, in microseconds since the epoch. It never goes back.
  virtual int64_t now_us() const = 0;
  UnixMs now_ms() const { return now_us() / 1'000; }
  // What durations are counted in: microseconds since some moment, sleep of the machine included,
  // whatever is done to the wall clock.
  virtual int64_t steady_us() const { return now_us(); }
  // The wall clock as it is set at the moment, microseconds since the epoch. It may go back.
  virtual int64_t wall_us() const { return now_us(); }
};

// Time that never goes back, out of a wall clock, which may, and a steady one: where the wall clock
// is set forward it follows at once; where that is set back it goes on from where it was, at the
// steady one's pace. Thread-safe.
class Timeline {
 public:
  // `wall_us` must have been read before `steady_us`: whatever happens between the two readings
  // makes the result no later than it should be.
  int64_t at(int64_t wall_us, int64_t steady_us) const {
    const int64_t ahead = wall_us - steady_us;
    int64_t known = ahead_us_.load(std::memory_order_relaxed);
    while (known < ahead &&
           !ahead_us_.compare_exchange_weak(known, ahead, std::memory_order_relaxed)) {
    }
    return steady_us + std::max(known, ahead);
  }

 private:
  mutable std::atomic<int64_t> ahead_us_ = INT64_MIN;  // of the steady clock
};

}  // namespace weft::base

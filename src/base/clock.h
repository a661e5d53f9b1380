#pragma once

#include <cstdint>

#include "base/time.h"

namespace weft::base {

// The wall clock, handed to whoever must know the time: the machine's own is clock/system_clock.h,
// the simulator's and the tests' are theirs. It may go back, as the machine's does: durations that
// matter are taken from a steady clock. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t now_us() const = 0;  // microseconds since the epoch
  UnixMs now_ms() const { return now_us() / 1'000; }
};

}  // namespace weft::base

#pragma once

#include <cstdint>

#include "base/clock.h"

// The machine's clocks: the only implementation of base::Clock that reads one. Whoever starts a
// Weft makes it and hands it down.

namespace weft::clock {

class SystemClock : public base::Clock {
 public:
  int64_t now_us() const override;
  int64_t steady_us() const override;
  int64_t wall_us() const override;

 private:
  base::Timeline timeline_;
};

// The wall clock, since the epoch, for rooms that the simulator does not run: the only ones that
// may read a clock that nobody handed to them. Any thread.
int64_t unix_ns();
base::UnixMs unix_ms();

// A clock that never goes back, in milliseconds since some moment. Any thread.
int64_t steady_ms();

}  // namespace weft::clock

#include "clock/system_clock.h"

#include <chrono>

namespace weft::clock {

using namespace std::chrono;

int64_t unix_ns() {
  return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

base::UnixMs unix_ms() { return unix_ns() / 1'000'000; }

int64_t SystemClock::now_us() const { return unix_ns() / 1'000; }

int64_t steady_ms() {
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace weft::clock

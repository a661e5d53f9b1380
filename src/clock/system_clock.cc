#include "clock/system_clock.h"

#include <chrono>
#include <ctime>

namespace weft::clock {

using namespace std::chrono;

int64_t unix_ns() {
  return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

base::UnixMs unix_ms() { return unix_ns() / 1'000'000; }

int64_t SystemClock::wall_us() const { return unix_ns() / 1'000; }

int64_t SystemClock::steady_us() const {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

int64_t SystemClock::now_us() const {
  const int64_t wall = wall_us();
  return timeline_.at(wall, steady_us());
}

int64_t steady_ms() {
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace weft::clock

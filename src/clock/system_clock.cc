#include "clock/system_clock.h"

#include <chrono>

namespace weft::clock {

using namespace std::chrono;

int64_t SystemClock::now_us() const {
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

int64_t steady_ms() {
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace weft::clock

#pragma once

#include <chrono>

#include "base/time.h"

namespace weft::cli {

// The wall clock, milliseconds since the epoch.
inline base::UnixMs now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// A clock that never goes back, in milliseconds since some moment.
inline int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace weft::cli

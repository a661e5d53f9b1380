#pragma once

#include <chrono>

namespace weft::aws {

// Pauses between attempts: each up to twice the one before, and by chance between half of that and
// all of it, so that callers do not come back together. Not thread-safe.
class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : next_(first), longest_(longest) {}
  std::chrono::milliseconds next();

 private:
  std::chrono::milliseconds next_;
  std::chrono::milliseconds longest_;
};

}  // namespace weft::aws

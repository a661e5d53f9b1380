#include "aws/backoff.h"

#include <algorithm>
#include <random>

namespace weft::aws {

std::chrono::milliseconds Backoff::next() {
  thread_local std::minstd_rand random(std::random_device{}());
  const std::chrono::milliseconds pause = next_;
  next_ = std::min(next_ * 2, longest_);
  return pause / 2 +
         std::chrono::milliseconds(random() % static_cast<uint64_t>(pause.count() / 2 + 1));
}

}  // namespace weft::aws

#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace weft::maprun {

// Hands out the lowest free lane number, so that the children of a run can be drawn in as many rows
// as ran at once.
class Lanes {
 public:
  uint32_t take() {
    if (free_.empty()) return next_++;
    const uint32_t lane = free_.top();
    free_.pop();
    return lane;
  }
  void give_back(uint32_t lane) { free_.push(lane); }
  // The highest number of lanes in use at once so far.
  uint32_t peak() const { return next_; }

 private:
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> free_;
  uint32_t next_ = 0;
};

}  // namespace weft::maprun

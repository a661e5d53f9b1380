#pragma once

#include <cstdint>
#include <vector>

#include "history/event.h"

namespace weft::history {

// Names the way an execution took: which states it entered and which attempts failed with what
// error, each with how often (in powers of two). Branches and iterations run in any order, so order
// does not count. A plain value.
class PathSignature {
 public:
  void add(const Event& event);
  // 24 bits, never 0; the same for executions that took the same way.
  uint32_t value() const;

 private:
  struct Step {
    uint64_t hash = 0;
    uint32_t count = 0;
  };
  std::vector<Step> steps_;  // at most kStepsMax; what comes later does not count
  static constexpr size_t kStepsMax = 64;
};

}  // namespace weft::history

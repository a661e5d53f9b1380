#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "trace/span.h"

namespace weft::trace {

// A stretch of time and the span that it was spent in.
struct CriticalPart {
  size_t span = 0;  // place in the list
  int64_t start_us = 0;
  int64_t end_us = 0;
  friend bool operator==(const CriticalPart&, const CriticalPart&) = default;
};

// Spans below this depth count as the one above them: functions may send any number of levels.
inline constexpr uint16_t kCriticalDepthMax = 256;

// The critical path of one execution's spans (depth first, the first is the execution): which of
// them its end waited for, at every moment from its start to its end. Going back from the end, a
// moment belongs to the child that ended last by then, and in it to its own critical path; what no
// child explains is the span itself. Parts follow one another without gaps, in order of time.
// Takes O(n log n).
std::vector<CriticalPart> critical_path(const std::vector<Span>& spans);

}  // namespace weft::trace

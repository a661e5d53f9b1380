#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "trace/span.h"

namespace weft::trace {

// How the visit of a state ended, of which there is one in every answer that counts visits.
enum class VisitOutcome : uint8_t { kRunning, kSucceeded, kFailed, kCaught, kAborted };

// A state that was entered once: one span, or of one that a redrive went on with a span for each
// time it was at work.
struct Visit {
  std::vector<const Span*> spans;  // in order of time, at least one

  const Span& first() const { return *spans.front(); }
  const Span& last() const { return *spans.back(); }
  // How it ended last. Failed: timed out, too. Caught: it failed, and a catcher took the error.
  VisitOutcome outcome() const;
  // Together, without what lies between.
  int64_t duration_us() const;
  uint64_t retries() const;
  // Of the last span that has it.
  std::string_view attribute(std::string_view key) const;
};

// The visits of states among the spans of an execution, in order of entering. `spans` must outlive
// them.
std::vector<Visit> state_visits(const std::vector<Span>& spans);

}  // namespace weft::trace

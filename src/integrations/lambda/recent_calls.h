#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "sync/mutex.h"

namespace weft::lambda {

// The calls that one process worked on lately, in order. A process works on one call at a time, so
// a moment tells the call; what a process sends about a call may come after it took the next one.
// Thread-safe.
class RecentCalls {
 public:
  // Work on the call begins; Unix epoch in nanoseconds, not before the call added last.
  void add(std::string request_id, int64_t started_ns);
  // The request id of the call that was worked on, or answered last, at a moment: the last one that
  // began before it. Before all of them: the oldest known. "" when there was no call.
  std::string at(int64_t epoch_ns) const;

  // At 1,000 calls a second, what arrives half a second late still finds its call.
  static constexpr size_t kCallsMax = 512;

 private:
  mutable sync::Mutex mutex_;
  std::deque<std::pair<int64_t, std::string>> calls_ WEFT_GUARDED_BY(mutex_);
};

// What RecentCalls::at() answers, for whoever need not know where it comes from.
using CallAt = std::function<std::string(int64_t epoch_ns)>;

}  // namespace weft::lambda

#include "integrations/lambda/recent_calls.h"

#include <algorithm>

#include "sync/mutex.h"

namespace weft::lambda {

void RecentCalls::add(std::string request_id, int64_t started_ns) {
  const sync::MutexLock lock(mutex_);
  if (calls_.size() == kCallsMax) calls_.pop_front();
  calls_.emplace_back(started_ns, std::move(request_id));
}

std::string RecentCalls::at(int64_t epoch_ns) const {
  const sync::MutexLock lock(mutex_);
  if (calls_.empty()) return "";
  const auto later =
      std::ranges::upper_bound(calls_, epoch_ns, {}, [](const auto& call) { return call.first; });
  return (later == calls_.begin() ? later : std::prev(later))->second;
}

}  // namespace weft::lambda

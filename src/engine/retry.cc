#include "engine/retry.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "engine/turn.h"

namespace weft::engine {

using history::Event;
using history::EventType;

bool is_terminal(const Failure& failure) {
  return failure.error == "States.Runtime" || failure.data_limit == DataLimit::kState;
}

bool handles(const std::vector<std::string>& error_equals, const Failure& failure) {
  const std::string_view error = failure.error ? std::string_view(*failure.error) : "";
  // The wildcards leave out what AWS's page calls a terminal error; recorded is that a task's
  // result which is too large is none.
  const bool wild = error != "States.DataLimitExceeded" || failure.data_limit == DataLimit::kResult;
  return std::ranges::any_of(error_equals, [&](const std::string& name) {
    if (name == "States.ALL") return wild;
    if (name == "States.TaskFailed")
      return wild && error != "States.Timeout" && error != "States.HeartbeatTimeout";
    if (name == "States.HeartbeatTimeout" && failure.heartbeat) return true;
    return name == error;
  });
}

int64_t retry_delay_ms(const asl::Retrier& retrier, uint32_t n, uint64_t seed) {
  double seconds = retrier.interval_seconds * std::pow(retrier.backoff_rate, n - 1);
  if (retrier.max_delay_seconds)
    seconds = std::min(seconds, static_cast<double>(*retrier.max_delay_seconds));
  seconds = std::min(seconds, 99'999'999.0);
  if (retrier.full_jitter) {
    std::mt19937_64 random(seed);
    seconds *= std::uniform_real_distribution<double>(0, 1)(random);
  }
  return static_cast<int64_t>(std::llround(seconds * 1'000));
}

bool Turn::retry(Scope& current, const Failure& failure) {
  const std::vector<asl::Retrier>& retriers = state_of(current).retry;
  const auto found = std::ranges::find_if(retriers, [&](const asl::Retrier& retrier) {
    return handles(retrier.error_equals, failure);
  });
  if (found == retriers.end()) return false;
  const auto index = static_cast<uint32_t>(found - retriers.begin());
  if (surroundings_.inspection != nullptr) surroundings_.inspection->retrier = index;
  const uint32_t done = index < current.retrier_counts.size() ? current.retrier_counts[index] : 0;
  if (done >= found->max_attempts) return false;
  const ScopeId id = current.id;
  Event e = event(EventType::kWeftRetryScheduled, scope(id), failure.event_id);
  e.number = surroundings_.now_ms +
             retry_delay_ms(*found, done + 1,
                            surroundings_.random_seed ^ (failure.event_id * 0x9E3779B97F4A7C15ULL));
  e.count = index;
  const base::UnixMs due_ms = e.number;
  commit(std::move(e));
  decision_.actions.emplace_back(WakeAt{.scope = id, .due_ms = due_ms});
  return true;
}

}  // namespace weft::engine

#include "telemetry/held_chunks.h"

#include <utility>

namespace weft::telemetry {

Chunk HeldChunks::take(Place place) {
  for (uint64_t parent : place->parents) {
    auto [at, end] = by_parent_.equal_range(parent);
    while (at != end) at = at->second == place ? by_parent_.erase(at) : std::next(at);
  }
  Chunk chunk = std::move(place->chunk);
  held_.erase(place);
  spans_ -= chunk.size();
  return chunk;
}

std::vector<Chunk> HeldChunks::hold(Chunk chunk, const std::vector<uint64_t>& parents,
                                    Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  spans_ += chunk.size();
  held_.push_back({std::move(chunk), parents, now});
  for (uint64_t parent : parents) by_parent_.emplace(parent, std::prev(held_.end()));
  std::vector<Chunk> given_up;
  while (spans_ > spans_max_) given_up.push_back(take(held_.begin()));
  return given_up;
}

std::vector<Chunk> HeldChunks::release(uint64_t span_id) {
  std::vector<Chunk> released;
  if (spans_ == 0) return released;
  const std::lock_guard lock(mutex_);
  for (auto at = by_parent_.find(span_id); at != by_parent_.end(); at = by_parent_.find(span_id)) {
    released.push_back(take(at->second));
  }
  return released;
}

std::vector<Chunk> HeldChunks::older_than(Clock::time_point moment) {
  std::vector<Chunk> old;
  const std::lock_guard lock(mutex_);
  while (!held_.empty() && held_.front().since < moment) old.push_back(take(held_.begin()));
  return old;
}

}  // namespace weft::telemetry

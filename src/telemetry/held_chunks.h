#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "telemetry/traces.h"

namespace weft::telemetry {

// Chunks that wait for a span that is their parent: a service that was asked by another one may
// send its spans first. Bounded: beyond `spans_max` the oldest give way. Thread-safe.
class HeldChunks {
 public:
  using Clock = std::chrono::steady_clock;

  explicit HeldChunks(size_t spans_max = 20'000) : spans_max_(spans_max) {}

  // Keeps a chunk until one of `parents` is released. Returns those that give way.
  std::vector<Chunk> hold(Chunk chunk, const std::vector<uint64_t>& parents, Clock::time_point now);
  // Takes out those that wait for this span.
  std::vector<Chunk> release(uint64_t span_id);
  // Takes out those that came before `moment`.
  std::vector<Chunk> older_than(Clock::time_point moment);

 private:
  struct Held {
    Chunk chunk;
    std::vector<uint64_t> parents;
    Clock::time_point since;
  };
  using Place = std::list<Held>::iterator;
  Chunk take(Place place);  // with the lock held

  const size_t spans_max_;
  std::atomic<size_t> spans_ = 0;  // read without the lock: mostly nothing waits
  std::mutex mutex_;
  std::list<Held> held_;  // oldest first
  std::unordered_multimap<uint64_t, Place> by_parent_;
};

}  // namespace weft::telemetry

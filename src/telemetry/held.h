#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "sync/mutex.h"
#include "telemetry/decode_traces.h"
#include "telemetry/log_record.h"

namespace weft::telemetry {

// What waits may take: spans or log records, and bytes of memory with all they own.
struct HeldLimits {
  size_t count = 0;
  size_t bytes = 0;
};
inline constexpr HeldLimits kHeldSpansMax{.count = 20'000, .bytes = 64u << 20};
inline constexpr HeldLimits kHeldLogRecordsMax{.count = 20'000, .bytes = 16u << 20};

// What it takes of HeldLimits.
HeldLimits size_of(const Chunk& chunk);
HeldLimits size_of(const LogRecord& record);

// Things that wait for a span: a service that was asked by another one may send its spans first,
// and its log records before any. Bounded: beyond `max` the oldest give way. Thread-safe.
template <typename Thing>
class HeldFor {
 public:
  using Clock = std::chrono::steady_clock;

  explicit HeldFor(HeldLimits max) : max_(max) {}

  // Keeps a thing until one of `spans` is released. Returns those that give way.
  std::vector<Thing> hold(Thing thing, std::vector<uint64_t> spans, Clock::time_point now) {
    HeldLimits size = size_of(thing);
    size.bytes += sizeof(Held) + spans.size() * kBytesOfSpan;
    const sync::MutexLock lock(mutex_);
    const uint64_t number = ++last_;
    held_.push_back({std::move(thing), std::move(spans), number, size, now});
    for (const uint64_t span : held_.back().spans) {
      by_span_.insert_or_assign({span, number}, std::prev(held_.end()));
    }
    count_ += size.count;
    bytes_ += size.bytes;
    std::vector<Thing> given_up;
    while (count_ > max_.count || bytes_ > max_.bytes) given_up.push_back(take(held_.begin()));
    return given_up;
  }

  // Takes out those that wait for this span.
  std::vector<Thing> release(uint64_t span) {
    std::vector<Thing> released;
    if (count_ == 0) return released;
    const sync::MutexLock lock(mutex_);
    const std::pair<uint64_t, uint64_t> first{span, 0};
    for (auto at = by_span_.lower_bound(first); at != by_span_.end() && at->first.first == span;
         at = by_span_.lower_bound(first)) {
      released.push_back(take(at->second));
    }
    return released;
  }

  // Takes out those that came before `moment`.
  std::vector<Thing> older_than(Clock::time_point moment) {
    std::vector<Thing> old;
    const sync::MutexLock lock(mutex_);
    while (!held_.empty() && held_.front().since < moment) old.push_back(take(held_.begin()));
    return old;
  }

 private:
  struct Held {
    Thing thing;
    std::vector<uint64_t> spans;
    uint64_t number;
    HeldLimits size;
    Clock::time_point since;
  };
  using Place = typename std::list<Held>::iterator;
  // In `spans` and in `by_span_`.
  static constexpr size_t kBytesOfSpan = 96;

  Thing take(Place place) WEFT_REQUIRES(mutex_) {
    for (const uint64_t span : place->spans) by_span_.erase({span, place->number});
    count_ -= place->size.count;
    bytes_ -= place->size.bytes;
    Thing thing = std::move(place->thing);
    held_.erase(place);
    return thing;
  }

  const HeldLimits max_;
  std::atomic<size_t> count_ = 0;  // read without the lock: mostly nothing waits
  sync::Mutex mutex_;
  size_t bytes_ WEFT_GUARDED_BY(mutex_) = 0;
  uint64_t last_ WEFT_GUARDED_BY(mutex_) = 0;
  std::list<Held> held_ WEFT_GUARDED_BY(mutex_);  // oldest first
  // By span and number: many may wait for one span.
  std::map<std::pair<uint64_t, uint64_t>, Place> by_span_ WEFT_GUARDED_BY(mutex_);
};

// What the intake keeps until its place is known.
struct Waiting {
  HeldFor<Chunk> chunks{kHeldSpansMax};
  HeldFor<LogRecord> records{kHeldLogRecordsMax};
};

}  // namespace weft::telemetry

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "history/detail_key.h"
#include "history/event.h"
#include "metrics/registry.h"
#include "sync/mutex.h"
#include "trace/ids.h"

namespace weft::telemetry {

// One call of a function, and where in the trace it hangs.
struct Invocation {
  std::string request_id;  // at most kRequestIdMax bytes
  history::DetailKey key;
  trace::TraceId trace;
  uint64_t attempt = 0;  // span id of the attempt that made the call
  // Whose it is, for the metrics that the function sends: the same labels as its state's. May be
  // null.
  std::shared_ptr<const metrics::Labels> labels{};

  static constexpr size_t kRequestIdMax = 39;  // a UUID has 36
};

// The calls of the last while, by everything a span may name them by. Bounded: the oldest go first.
// Every call of every child is added, few are ever asked for: adding writes a slot of a ring and
// three numbers, and allocates next to nothing. Thread-safe.
class Invocations {
 public:
  using Entry = std::shared_ptr<const Invocation>;

  explicit Invocations(uint32_t invocations_max = 50'000, size_t spans_max = 400'000);

  // A function is about to be called.
  void add(std::string_view request_id, const history::DetailKey& key, const trace::TraceId& trace,
           uint64_t attempt, std::shared_ptr<const metrics::Labels> labels = nullptr);

  // All of these: null when unknown.
  Entry by_request(std::string_view request_id) const;
  // The call whose attempt or one of whose spans has this id, in this trace.
  Entry by_span(uint64_t span_id, uint64_t trace_low) const;
  // The call to which a trace id that is not ours belongs.
  Entry by_foreign_trace(uint64_t trace_low) const;
  // Some call of the execution's trace.
  Entry any_of_trace(uint64_t trace_low) const;

  // What by_span() and by_foreign_trace() are to find later. `trace_low` is the one the span was
  // sent with.
  void learn_span(uint64_t span_id, const Entry& entry);
  void learn_trace(uint64_t trace_low, const Entry& entry);

  // Counts bytes of log records to a call, and tells how many it had before: all there are of a
  // call that is not known any more.
  uint64_t add_log_bytes(std::string_view request_id, uint64_t bytes);

 private:
  // The number of a call: which one it was since the start, from 1; it lives in the slot of that
  // number until the ring comes round. After four billion calls the numbers start again, which at
  // worst leaves a call of that moment unfound.
  using Number = uint32_t;
  struct Slot {
    Number number = 0;
    history::DetailKey key;
    trace::TraceId trace;
    uint64_t attempt = 0;
    std::shared_ptr<const metrics::Labels> labels;
    std::array<char, Invocation::kRequestIdMax> request_id;
    uint8_t request_id_size = 0;
    uint64_t log_bytes = 0;
    Number next_of_request = 0;
    Number next_of_attempt = 0;

    std::string_view id() const { return {request_id.data(), request_id_size}; }
    Entry entry() const;
  };
  // Calls by a hash: lists through the slots, newest first. Nothing is ever taken out of a list:
  // the oldest of it go first, so where a slot no longer holds the call whose number led to it,
  // nothing behind it is alive either.
  using Heads = std::vector<Number>;

  Slot& slot(Number number) WEFT_REQUIRES(mutex_) { return slots_[number % slots_.size()]; }
  // The call of that number while it is in its slot; null otherwise.
  const Slot* alive(Number number) const WEFT_REQUIRES(mutex_);
  // The newest call of a list for which `is_it` holds; null when there is none.
  template <typename IsIt>
  const Slot* find(const Heads& heads, uint64_t hash, Number Slot::* next, const IsIt& is_it) const
      WEFT_REQUIRES(mutex_);

  const size_t spans_max_;
  mutable sync::Mutex mutex_;
  std::vector<Slot> slots_ WEFT_GUARDED_BY(mutex_);  // the ring
  Number last_ WEFT_GUARDED_BY(mutex_) = 0;
  Heads of_request_ WEFT_GUARDED_BY(mutex_);
  Heads of_attempt_ WEFT_GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, Number> latest_of_trace_ WEFT_GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, Entry> by_span_ WEFT_GUARDED_BY(mutex_);
  std::deque<uint64_t> span_order_ WEFT_GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, Entry> by_foreign_trace_ WEFT_GUARDED_BY(mutex_);
  std::deque<uint64_t> foreign_order_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::telemetry

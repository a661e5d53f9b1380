#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "history/event.h"
#include "metrics/registry.h"
#include "trace/ids.h"

namespace weft::telemetry {

// One call of a function, and where in the trace it hangs.
struct Invocation {
  std::string request_id;
  history::ExecutionKey key;
  trace::TraceId trace;
  uint64_t attempt = 0;  // span id of the attempt that made the call
  // Whose it is, for the metrics that the function sends: the same labels as its state's. May be
  // null.
  std::shared_ptr<const metrics::Labels> labels{};
};

// The calls of the last while, by everything a span may name them by. Bounded: the oldest go first.
// Thread-safe; a call costs about a microsecond.
class Invocations {
 public:
  using Entry = std::shared_ptr<const Invocation>;

  explicit Invocations(size_t invocations_max = 50'000, size_t spans_max = 400'000)
      : invocations_max_(invocations_max), spans_max_(spans_max) {}

  // A function is about to be called.
  void add(Invocation invocation);

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

 private:
  void forget_oldest();

  const size_t invocations_max_;
  const size_t spans_max_;
  mutable std::mutex mutex_;
  std::deque<Entry> order_;
  std::unordered_map<std::string_view, Entry> by_request_;  // keys: the entries' texts
  std::unordered_map<uint64_t, Entry> by_span_;
  std::deque<uint64_t> span_order_;
  std::unordered_map<uint64_t, Entry> by_foreign_trace_;
  std::deque<uint64_t> foreign_order_;
  std::unordered_map<uint64_t, Entry> latest_of_trace_;
};

}  // namespace weft::telemetry

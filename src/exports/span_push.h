#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "exports/delivery.h"
#include "exports/destination.h"
#include "sync/mutex.h"
#include "telemetry/datadog_batch.h"
#include "trace/otlp_batch.h"

namespace weft::exports {

// Pushes spans to one destination, in requests of about kSpansPerRequest. One thread adds and
// sends; counts and stop_at() may come from others.
class SpanPush {
 public:
  static constexpr size_t kSpansPerRequest = 1'000;
  static constexpr size_t kBytesPerRequest = 4u << 20;

  struct Counts {
    uint64_t sent = 0;     // spans
    uint64_t dropped = 0;  // spans of requests that were given up
    std::string last_error;
  };

  // `destination` takes spans.
  explicit SpanPush(const Destination& destination, DeliveryLimits limits = {});

  // Sends what is there first when the batch is full: it may block. `service`: of spans that name
  // none.
  void add(const trace::Span& span, std::string_view service);
  // Sends what is there, if anything.
  void send();
  size_t waiting() const;

  Counts counts() const;
  void stop_at(std::chrono::steady_clock::time_point moment) { delivery_.stop_at(moment); }

 private:
  bool datadog() const { return destination_.kind == Destination::Kind::kDatadog; }
  bool full() const;

  const Destination destination_;
  Delivery delivery_;
  trace::OtlpBatch otlp_;
  telemetry::DatadogBatch datadog_;
  mutable sync::Mutex mutex_;
  Counts counts_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::exports

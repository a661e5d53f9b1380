#include "exports/span_push.h"

#include <utility>

#include "sync/mutex.h"

namespace weft::exports {

SpanPush::SpanPush(const Destination& destination, DeliveryLimits limits)
    : destination_(destination), delivery_(limits) {}

size_t SpanPush::waiting() const { return datadog() ? datadog_.spans() : otlp_.spans(); }

bool SpanPush::full() const {
  const size_t bytes = datadog() ? datadog_.bytes() : otlp_.bytes();
  return waiting() >= kSpansPerRequest || bytes >= kBytesPerRequest;
}

void SpanPush::add(const trace::Span& span, std::string_view service) {
  if (full()) send();
  if (datadog()) {
    datadog_.add(span, service);
  } else {
    otlp_.add(span, service);
  }
}

void SpanPush::send() {
  const size_t spans = waiting();
  if (spans == 0) return;
  net::ClientRequest request{.url = destination_.url};
  if (datadog()) {
    // What agents look at of a tracer's headers.
    request.method = "PUT";
    request.headers.set("Content-Type", "application/msgpack");
    request.headers.set("Datadog-Meta-Lang", "weft");
    request.headers.set("X-Datadog-Trace-Count", std::to_string(datadog_.traces()));
    // An agent that is full says so instead of 200.
    request.headers.set("Datadog-Send-Real-Http-Status", "true");
    request.body = datadog_.take();
  } else {
    request.method = "POST";
    request.headers.set("Content-Type", "application/json");
    request.body = otlp_.take();
  }
  auto failed = delivery_.send(request);
  const sync::MutexLock lock(mutex_);
  (failed ? counts_.dropped : counts_.sent) += spans;
  if (failed) counts_.last_error = std::move(*failed);
}

SpanPush::Counts SpanPush::counts() const {
  const sync::MutexLock lock(mutex_);
  return counts_;
}

}  // namespace weft::exports

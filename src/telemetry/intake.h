#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/worker_pool.h"
#include "telemetry/invocations.h"
#include "telemetry/join.h"

namespace weft::telemetry {

// What came in and where it went, since the start. Spans: received = stored + dropped + unknown.
struct IntakeCounts {
  uint64_t requests = 0;
  uint64_t refused = 0;  // requests that were malformed or too large
  uint64_t spans = 0;
  uint64_t stored = 0;
  uint64_t orphaned = 0;  // of the stored ones: only their trace was recognised
  uint64_t unknown = 0;   // of nothing that runs here
  uint64_t dropped = 0;   // the store was behind
  uint64_t metrics = 0;
  uint64_t log_records = 0;
};

// Answers Datadog's agent API and OTLP/HTTP (spec datadog.md 5.1, 5.3) as the libraries expect, and
// hands on the spans of executions that run here. Thread-safe.
class Intake {
 public:
  // Takes blocks for storing, without blocking; false: no room, they are dropped.
  using Sink = std::function<bool(std::vector<SpanBlock>&&)>;

  // `invocations` and `pool` outlive the intake.
  Intake(Invocations& invocations, net::WorkerPool& pool, Sink sink)
      : invocations_(invocations), pool_(pool), sink_(std::move(sink)) {}

  // Whether a request on the shared port is for the intake.
  static bool accepts(const net::Request& request);

  // Decodes on the pool's threads. `call_at`: see join().
  void handle(net::Request request, net::Responder responder, CallAt call_at);

  IntakeCounts counts() const;
  // Some request waits or is being worked on.
  bool busy() const { return waiting_bytes_ > 0; }
  // {"requests":..,"spans":..,...}
  std::string counts_json() const;

  // Packed or not, in bytes: one body, and all that wait for a thread.
  static constexpr uint64_t kBodyBytesMax = 50u << 20;
  static constexpr uint64_t kWaitingBytesMax = 128u << 20;

 private:
  struct Counters {
    std::atomic<uint64_t> requests = 0, refused = 0, spans = 0, stored = 0, orphaned = 0,
                          unknown = 0, dropped = 0, metrics = 0, log_records = 0;
  };
  net::Response answer(net::Request request, const CallAt& call_at);
  net::Response datadog(std::string_view path, std::string_view body, const CallAt& call_at);
  net::Response otlp(std::string_view path, bool json, std::string_view body,
                     const CallAt& call_at);
  // The number of spans that had no room.
  size_t take(std::vector<Chunk> chunks, const CallAt& call_at);

  Invocations& invocations_;
  net::WorkerPool& pool_;
  const Sink sink_;
  Counters counters_;
  std::atomic<uint64_t> waiting_bytes_ = 0;
};

}  // namespace weft::telemetry

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/worker_pool.h"
#include "telemetry/function_metrics.h"
#include "telemetry/held.h"
#include "telemetry/invocations.h"
#include "telemetry/join.h"
#include "telemetry/log_join.h"
#include "telemetry/otlp_streams.h"

namespace weft::telemetry {

// What came in and where it went, since the start. Spans: received = stored + dropped + unknown;
// those that wait for their parents are not counted yet. Log records as well.
struct IntakeCounts {
  uint64_t requests = 0;
  uint64_t refused = 0;  // requests that were malformed or too large
  uint64_t spans = 0;
  uint64_t stored = 0;
  uint64_t orphaned = 0;         // of the stored ones: only their trace was recognised
  uint64_t gave_way = 0;         // of the orphaned ones: more waited than kHeldSpansMax
  uint64_t unknown = 0;          // of nothing that runs here
  uint64_t dropped = 0;          // the store was behind
  uint64_t metrics = 0;          // points
  uint64_t metrics_refused = 0;  // points that are malformed, beyond a bound, or summaries of OTLP
  uint64_t log_records = 0;      // sent by OTLP
  uint64_t printed_lines = 0;  // as far as they were looked at: those that no call is known of, too
  uint64_t log_lines_stored = 0;    // of both
  uint64_t log_lines_orphaned = 0;  // of the stored ones: only their trace was recognised
  uint64_t log_lines_gave_way = 0;  // of the orphaned ones: more waited than kHeldLogRecordsMax
  uint64_t log_lines_cut = 0;       // beyond the bytes of their call (base::kCallLogBytesMax)
  uint64_t log_lines_unknown = 0;   // of nothing that runs here
  uint64_t log_lines_dropped = 0;   // the store was behind
};

// Answers Datadog's agent API and OTLP/HTTP (spec datadog.md 5.1, 5.3) as the libraries expect, and
// hands on the spans and log lines of executions that run here. Thread-safe.
class Intake {
 public:
  // Takes blocks for storing, without blocking; false: no room.
  using Sink = std::function<bool(const std::vector<SpanBlock>&)>;
  using LogSink = std::function<bool(const std::vector<LogBlock>&)>;

  // `invocations` and `pool` outlive the intake. Spans and log lines wait for room for `room_wait`
  // at most, and their sender for its answer; then they are dropped. `redactor`: for tags of
  // metrics.
  Intake(Invocations& invocations, net::WorkerPool& pool, Sink sink, LogSink log_sink,
         std::chrono::milliseconds room_wait = kRoomWait, trace::Redactor redactor = {})
      : invocations_(invocations),
        pool_(pool),
        sink_(std::move(sink)),
        log_sink_(std::move(log_sink)),
        room_wait_(room_wait),
        function_metrics_(std::move(redactor)) {}

  // Whether a request on the shared port is for the intake.
  static bool accepts(const net::Request& request);

  // The header by which a process's own listener tells which process it is.
  static constexpr std::string_view kSenderHeader = "Weft-Process";

  // Decodes on the pool's threads. `call_at`: see join().
  void handle(net::Request request, net::Responder responder, CallAt call_at);

  // What a process printed during a call. Does not block: the pool's threads take it in.
  void take_printed(PrintedText printed);

  // A datagram of DogStatsD, of which only points are kept. Does not block.
  void take_datagram(std::string_view datagram, const CallAt& call_at);
  // Stores spans and log records that have waited for a span for `waited` or longer, as orphans of
  // their trace. To be called every now and then, and before the end. May block like handle()'s
  // threads.
  void settle(std::chrono::milliseconds waited);
  // Adds what functions counted and measured, and what became of spans, log lines and points.
  void add_metrics(metrics::Registry& registry) const;

  IntakeCounts counts() const;
  // Some request waits or is being worked on.
  bool busy() const { return waiting_bytes_ > 0; }
  // {"requests":..,"spans":..,...}
  std::string counts_json() const;

  // Packed or not, in bytes: one body, and all that wait for a thread.
  static constexpr uint64_t kBodyBytesMax = 50u << 20;
  static constexpr uint64_t kWaitingBytesMax = 128u << 20;
  // A disk that is busy with something else is back within this.
  static constexpr std::chrono::milliseconds kRoomWait{2'000};

 private:
  struct Counters {
    std::atomic<uint64_t> requests = 0, refused = 0, spans = 0, stored = 0, orphaned = 0,
                          gave_way = 0, unknown = 0, dropped = 0, metrics = 0, metrics_refused = 0,
                          log_records = 0, printed_lines = 0, log_lines_stored = 0,
                          log_lines_orphaned = 0, log_lines_gave_way = 0, log_lines_cut = 0,
                          log_lines_unknown = 0, log_lines_dropped = 0;
  };
  net::Response answer(net::Request request, const CallAt& call_at);
  net::Response datadog(std::string_view path, std::string_view body, const CallAt& call_at);
  net::Response otlp(std::string_view path, bool json, std::string_view body,
                     std::string_view sender, const CallAt& call_at);
  // The number of spans that had no room.
  size_t take(Joined joined);
  // Of OTLP's metrics; the number of points that were not taken.
  size_t take_points(std::vector<OtlpPoint> points, std::string_view sender, const CallAt& call_at);
  // The same of log lines.
  size_t take_logs(JoinedLogs joined);
  static int64_t epoch_ns();
  // Waits for room.
  bool store(const std::function<bool()>& try_once) const;

  Invocations& invocations_;
  net::WorkerPool& pool_;
  const Sink sink_;
  const LogSink log_sink_;
  const std::chrono::milliseconds room_wait_;
  Counters counters_;
  Waiting waiting_;
  FunctionMetrics function_metrics_;
  OtlpStreams otlp_streams_{static_cast<uint64_t>(epoch_ns())};
  std::atomic<uint64_t> waiting_bytes_ = 0;
};

}  // namespace weft::telemetry

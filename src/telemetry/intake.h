#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/http.h"
#include "net/worker_pool.h"
#include "sync/mutex.h"
#include "telemetry/function_metrics.h"
#include "telemetry/held.h"
#include "telemetry/intake_counts.h"
#include "telemetry/invocations.h"
#include "telemetry/join.h"
#include "telemetry/log_join.h"
#include "telemetry/otlp_streams.h"
#include "telemetry/sink.h"

namespace weft::telemetry {

// Answers Datadog's agent API and OTLP/HTTP (docs/internals/telemetry.md) as the libraries expect,
// and hands on the spans and log lines of executions that run here. Thread-safe.
class Intake {
 public:
  // `invocations` and `clock` outlive the intake; the threads of `pool`, whose jobs use it, have
  // ended before it goes. Spans and log lines wait for room for `room_wait` at most, and their
  // sender for its answer; then they are dropped. `redactor`: for tags of metrics.
  Intake(Invocations& invocations, net::WorkerPool& pool, const base::Clock& clock,
         std::chrono::milliseconds room_wait = kRoomWait, trace::Redactor redactor = {})
      : invocations_(invocations),
        pool_(pool),
        clock_(clock),
        room_wait_(room_wait),
        function_metrics_(std::move(redactor)) {}

  // Where spans and log lines go from now on; until then they wait as for room. `sink` outlives
  // the pool's threads and the last settle().
  void store_in(Sink& sink);
  // Nothing is given to the pool once this returns: requests are refused, what is printed is
  // dropped.
  void close();

  // Whether a request on the shared port is for the intake.
  static bool accepts(const net::Request& request);
  // What the paths of such requests begin with.
  static std::vector<std::string_view> paths();

  // The header by which a process's own listener tells which process it is.
  static constexpr std::string_view kSenderHeader = "Weft-Process";

  // Decodes on the pool's threads. `call_at`: see join(). Requests it does not accept are answered
  // 404.
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

  IntakeCounts counts() const { return read(counters_); }
  std::string counts_json() const { return to_json(counts()); }

  // Blocks until nothing that came in waits or is worked on, and for so many turns nothing has come
  // in; until `until` at most.
  void wait_for_quiet(int turns, std::chrono::milliseconds turn, Sink::Moment until);

  // Packed or not, in bytes: one body, and all that wait for a thread.
  static constexpr uint64_t kBodyBytesMax = 50u << 20;
  static constexpr uint64_t kWaitingBytesMax = 128u << 20;
  // A disk that is busy with something else is back within this.
  static constexpr std::chrono::milliseconds kRoomWait{2'000};

 private:
  // Has the pool do `work`, which `bytes` wait for; false: too many do, or it is closed.
  bool post(uint64_t bytes, std::move_only_function<void()> work);
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
  int64_t epoch_ns() const;
  // Waits for there to be one; null when there is none by `until`.
  Sink* sink(Sink::Moment until);

  Invocations& invocations_;
  net::WorkerPool& pool_;
  const base::Clock& clock_;
  const std::chrono::milliseconds room_wait_;
  IntakeCounters counters_;
  Waiting waiting_;
  FunctionMetrics function_metrics_;
  OtlpStreams otlp_streams_{static_cast<uint64_t>(epoch_ns())};
  sync::Mutex mutex_;
  sync::CondVar changed_;  // the sink is there, or some work is done
  Sink* sink_ WEFT_GUARDED_BY(mutex_) = nullptr;
  bool closed_ WEFT_GUARDED_BY(mutex_) = false;
  uint64_t waiting_bytes_ WEFT_GUARDED_BY(mutex_) = 0;
  size_t jobs_ WEFT_GUARDED_BY(mutex_) = 0;  // given to the pool and not done
};

}  // namespace weft::telemetry

#include "telemetry/intake.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "history/wire.h"
#include "json/write.h"
#include "telemetry/decode_traces.h"
#include "telemetry/gzip.h"

namespace weft::telemetry {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProtobuf = "application/x-protobuf";
constexpr int kInvalidArgumentCode = 3;  // google.rpc.Code

constexpr std::string_view kInfoPath = "/info";
constexpr std::array<std::string_view, 3> kOtlpPaths = {"/v1/traces", "/v1/metrics", "/v1/logs"};
// What tracers send beside traces, and are content to see accepted.
constexpr std::array<std::string_view, 6> kIgnoredPrefixes = {
    "/telemetry/proxy/", "/evp_proxy/", "/profiling/v1/", "/debugger/v", "/v0.", "/lambda/"};

// As the answer calls them.
constexpr std::string_view kRejectedPoints = "rejectedDataPoints";

// What tracers ask an agent. They must never drop on their side: Weft wants all spans.
constexpr std::string_view kInfo =
    R"({"version":"7.60.0","endpoints":["/v0.3/traces","/v0.4/traces","/v0.5/traces","/v0.7/traces",)"
    R"("/v0.6/stats","/info"],"client_drop_p0s":false,"span_events":true,"span_meta_structs":true,)"
    R"("config":{"default_env":"none","statsd_port":8125,"receiver_port":8126}})";
constexpr std::string_view kRates = R"({"rate_by_service":{"service:,env:":1.0}})";

net::Response response(int status, std::string_view type, std::string body) {
  net::Response answer{.status = status};
  answer.headers.set("Content-Type", std::string(type));
  answer.body = std::move(body);
  return answer;
}

net::Response refusal(int status, std::string_view message) {
  std::string body = R"({"error":)";
  json::write_string(message, body);
  return response(status, kJson, body + "}");
}

// On ports that take telemetry only.
net::Response nothing_at(const std::string& path) {
  return response(path == "/" ? 200 : 404, "text/plain; charset=utf-8",
                  path == "/" ? "Weft takes traces, metrics and logs here.\n"
                              : "There is nothing at " + path + "\n");
}

int status_of(const base::Error& error) { return error.code == ErrorCode::kLimit ? 413 : 400; }

// google.rpc.Status, as OTLP answers errors.
net::Response otlp_refusal(bool json, int status, const std::string& message) {
  std::string body;
  if (json) {
    body = fmt::format(R"({{"code":{},"message":)", kInvalidArgumentCode);
    json::write_string(message, body);
    body += '}';
  } else {
    history::put_uint(body, 1, kInvalidArgumentCode);
    history::put_bytes(body, 2, message);
  }
  return response(status, json ? kJson : kProtobuf, std::move(body));
}

// `what`: the member of the answer in JSON, "rejectedSpans".
net::Response otlp_success(bool json, std::string_view what, size_t rejected) {
  const std::string_view why = what == kRejectedPoints
                                   ? "summaries, and points beyond a bound, are not taken"
                                   : "the store is behind";
  std::string body;
  if (json) {
    body = rejected == 0 ? R"({"partialSuccess":{}})"
                         : fmt::format(R"({{"partialSuccess":{{"{}":"{}","errorMessage":"{}"}}}})",
                                       what, rejected, why);
  } else if (rejected > 0) {
    std::string partial;
    history::put_uint(partial, 1, rejected);
    history::put_bytes(partial, 2, why);
    history::put_bytes(body, 1, partial);
  }
  return response(200, json ? kJson : kProtobuf, std::move(body));
}

base::Result<std::string> body_of(net::Request& request) {
  if (request.body_size() > Intake::kBodyBytesMax) {
    return fail(ErrorCode::kLimit, fmt::format("The body has {} bytes, the limit is {}",
                                               request.body_size(), Intake::kBodyBytesMax));
  }
  std::string body = std::move(request.body);
  if (request.spooled) {
    body.resize(request.spooled->size());
    size_t read = 0;
    while (read < body.size()) {
      const ssize_t got = pread(request.spooled->fd(), body.data() + read, body.size() - read,
                                static_cast<off_t>(read));
      if (got <= 0) return fail(ErrorCode::kIo, "The body cannot be read back");
      read += static_cast<size_t>(got);
    }
  }
  const std::string_view encoding = request.headers.get("Content-Encoding");
  if (encoding.empty() || encoding == "identity") return body;
  if (encoding == "gzip" || encoding == "deflate") return unpack(body);
  return fail(ErrorCode::kSerialization,
              fmt::format("Content-Encoding must be gzip or none, not '{}'", encoding));
}

// A resource without a name of its own, or with the one OpenTelemetry's SDKs make up ("Resource
// semantic conventions", service.name), goes by the function that sent it: `sender` is NAME/NUMBER
// of its process, or empty.
void name_services(std::string_view sender, std::vector<Chunk>& chunks) {
  const std::string_view function = sender.substr(0, sender.rfind('/'));
  if (function.empty()) return;
  for (Chunk& chunk : chunks) {
    for (InnerSpan& span : chunk) {
      if (span.service.empty() || span.service.starts_with("unknown_service"))
        span.service = function;
    }
  }
}

}  // namespace

int64_t Intake::epoch_ns() const { return clock_.now_us() * 1'000; }

void Intake::store_in(Sink& sink) {
  const sync::MutexLock lock(mutex_);
  sink_ = &sink;
  changed_.notify_all();
}

void Intake::close() {
  const sync::MutexLock lock(mutex_);
  closed_ = true;
}

std::vector<std::string_view> Intake::paths() {
  std::vector<std::string_view> all{kInfoPath};
  all.insert(all.end(), kOtlpPaths.begin(), kOtlpPaths.end());
  all.insert(all.end(), kIgnoredPrefixes.begin(), kIgnoredPrefixes.end());
  return all;
}

bool Intake::accepts(const net::Request& request) {
  const std::string_view path = request.path;
  for (std::string_view known : kOtlpPaths) {
    if (path == known) return true;
  }
  for (std::string_view prefix : kIgnoredPrefixes) {
    if (path.starts_with(prefix)) return true;
  }
  // A bucket may have this name; its clients sign their requests.
  return path == kInfoPath && request.method == "GET" && request.query.empty() &&
         !request.headers.find("Authorization");
}

bool Intake::post(uint64_t bytes, std::move_only_function<void()> work) {
  const sync::MutexLock lock(mutex_);
  if (closed_ || waiting_bytes_ + bytes > kWaitingBytesMax) return false;
  waiting_bytes_ += bytes;
  ++jobs_;
  pool_.post([this, bytes, work = std::move(work)]() mutable {
    work();
    const sync::MutexLock done(mutex_);
    waiting_bytes_ -= bytes;
    --jobs_;
    changed_.notify_all();
  });
  return true;
}

void Intake::handle(net::Request request, net::Responder responder, CallAt call_at) {
  if (!accepts(request)) return responder(nothing_at(request.path));
  // Both the work and the refusal answer: whichever it comes to.
  const auto respond = std::make_shared<net::Responder>(std::move(responder));
  const uint64_t bytes = request.body_size();
  const bool posted = post(
      bytes, [this, request = std::move(request), respond, call_at = std::move(call_at)]() mutable {
        (*respond)(answer(std::move(request), call_at));
      });
  if (posted) return;
  ++counters_.refused;
  net::Response busy = refusal(503, "too many requests wait");
  busy.headers.set("Retry-After", "1");
  (*respond)(std::move(busy));
}

void Intake::wait_for_quiet(int turns, std::chrono::milliseconds turn, Sink::Moment until) {
  const sync::MutexLock lock(mutex_);
  uint64_t requests = counters_.requests;
  for (int quiet = 0; quiet < turns || jobs_ > 0;) {
    const Sink::Moment now = std::chrono::steady_clock::now();
    if (now >= until) return;
    changed_.wait_until(mutex_, std::min(until, now + turn));
    const bool still = jobs_ == 0 && requests == counters_.requests;
    const bool whole_turn = std::chrono::steady_clock::now() >= now + turn;
    quiet = !still ? 0 : whole_turn ? quiet + 1 : quiet;
    requests = counters_.requests;
  }
}

net::Response Intake::answer(net::Request request, const CallAt& call_at) {
  ++counters_.requests;
  const std::string path = request.path;
  const bool otlp_path = path.starts_with("/v1/");
  const bool json = request.headers.get("Content-Type").starts_with(kJson);
  const bool reading = request.method == "GET" || request.method == "HEAD";
  if (path == kInfoPath) return response(200, kJson, std::string(kInfo));
  if (reading && (otlp_path || path.ends_with("/traces"))) {
    net::Response wrong = refusal(405, "The method must be POST or PUT");
    wrong.headers.set("Allow", "POST, PUT");
    return wrong;
  }
  if (otlp_path && !json && !request.headers.get("Content-Type").starts_with(kProtobuf)) {
    ++counters_.refused;
    return refusal(415, fmt::format("The Content-Type must be {} or {}", kProtobuf, kJson));
  }
  const std::string sender(call_at ? request.headers.get(kSenderHeader) : "");
  const auto body = body_of(request);
  if (!body) {
    ++counters_.refused;
    const int status = status_of(body.error());
    return otlp_path ? otlp_refusal(json, status, body.error().message)
                     : refusal(status, body.error().message);
  }
  return otlp_path ? otlp(path, json, *body, sender, call_at) : datadog(path, *body, call_at);
}

net::Response Intake::datadog(std::string_view path, std::string_view body, const CallAt& call_at) {
  if (!path.ends_with("/traces")) return response(200, kJson, "{}");
  base::Result<std::vector<Chunk>> chunks;
  if (path == "/v0.3/traces" || path == "/v0.4/traces") {
    chunks = decode_datadog_v04(body);
  } else if (path == "/v0.5/traces") {
    chunks = decode_datadog_v05(body);
  } else if (path == "/v0.7/traces") {
    chunks = decode_datadog_v07(body);
  } else {
    return refusal(404, fmt::format("There is no {}", path));  // tracers then use an older version
  }
  if (!chunks) {
    ++counters_.refused;
    return refusal(400, chunks.error().message);
  }
  take(join(std::move(*chunks), call_at, invocations_, &waiting_));
  if (path == "/v0.3/traces") return response(200, "text/plain", "OK\n");
  return response(200, kJson, std::string(kRates));
}

net::Response Intake::otlp(std::string_view path, bool json, std::string_view body,
                           std::string_view sender, const CallAt& call_at) {
  if (path == "/v1/traces") {
    auto chunks = json ? decode_otlp_traces_json(body) : decode_otlp_traces_protobuf(body);
    if (chunks) {
      name_services(sender, *chunks);
      return otlp_success(json, "rejectedSpans",
                          take(join(std::move(*chunks), call_at, invocations_, &waiting_)));
    }
    ++counters_.refused;
    return otlp_refusal(json, status_of(chunks.error()), chunks.error().message);
  }
  if (path == "/v1/logs") {
    auto records = json ? decode_otlp_logs_json(body) : decode_otlp_logs_protobuf(body);
    if (records) {
      counters_.log_records += records->size();
      return otlp_success(
          json, "rejectedLogRecords",
          take_logs(join_logs(std::move(*records), call_at, epoch_ns(), invocations_, &waiting_)));
    }
    ++counters_.refused;
    return otlp_refusal(json, status_of(records.error()), records.error().message);
  }
  auto points = json ? decode_otlp_metrics_json(body) : decode_otlp_metrics_protobuf(body);
  if (points) {
    return otlp_success(json, kRejectedPoints, take_points(std::move(*points), sender, call_at));
  }
  ++counters_.refused;
  return otlp_refusal(json, status_of(points.error()), points.error().message);
}

size_t Intake::take_points(std::vector<OtlpPoint> points, std::string_view sender,
                           const CallAt& call_at) {
  const auto now_ns = static_cast<uint64_t>(epoch_ns());
  size_t refused = 0;
  for (OtlpPoint& point : points) {
    Invocations::Entry call;
    const uint64_t moment = point.time_ns != 0 ? point.time_ns : now_ns;
    if (call_at) call = invocations_.by_request(call_at(static_cast<int64_t>(moment)));
    const metrics::Labels labels = call && call->labels ? *call->labels : metrics::Labels();
    const bool taken = otlp_streams_.make_delta(point, sender, now_ns) &&
                       with_metric_point(point, [&](const MetricPoint& metric) {
                         return function_metrics_.take(metric, labels);
                       });
    refused += taken ? 0 : 1;
  }
  counters_.metrics += points.size() - refused;
  counters_.metrics_refused += refused;
  return refused;
}

size_t Intake::take_logs(JoinedLogs joined) {
  counters_.log_lines_unknown += joined.unknown;
  counters_.log_lines_cut += joined.cut;
  if (joined.blocks.empty()) return 0;
  const Sink::Moment until = std::chrono::steady_clock::now() + room_wait_;
  Sink* const logs = sink(until);
  if (logs == nullptr || !logs->store_logs(joined.blocks, until)) {
    counters_.log_lines_dropped += joined.kept;
    return joined.kept;
  }
  counters_.log_lines_stored += joined.kept;
  counters_.log_lines_orphaned += joined.orphaned;
  counters_.log_lines_gave_way += joined.gave_way;
  return 0;
}

void Intake::take_printed(PrintedText printed) {
  const uint64_t bytes = printed.text.size();
  const uint64_t lines =
      static_cast<uint64_t>(std::ranges::count(printed.text, '\n')) + printed.lines_lost;
  const bool posted = post(bytes, [this, printed = std::move(printed)] {
    JoinedLogs joined = join_printed(printed, epoch_ns(), invocations_);
    counters_.printed_lines += joined.kept + joined.cut + joined.unknown;
    take_logs(std::move(joined));
  });
  if (!posted) counters_.log_lines_dropped += lines;
}

void Intake::settle(std::chrono::milliseconds waited) {
  const auto moment = std::chrono::steady_clock::now() - waited;
  take(join(waiting_.chunks.older_than(moment), nullptr, invocations_));
  take_logs(join_logs(waiting_.records.older_than(moment), nullptr, epoch_ns(), invocations_));
}

size_t Intake::take(Joined joined) {
  if (!joined.records.empty()) {
    take_logs(join_logs(std::move(joined.records), nullptr, epoch_ns(), invocations_, &waiting_));
  }
  const size_t wanted = joined.joined + joined.orphaned;
  counters_.spans += wanted + joined.unknown;
  counters_.unknown += joined.unknown;
  if (wanted == 0) return 0;
  const Sink::Moment until = std::chrono::steady_clock::now() + room_wait_;
  Sink* const spans = sink(until);
  if (spans == nullptr || !spans->store_spans(joined.blocks, until)) {
    counters_.dropped += wanted;
    return wanted;
  }
  counters_.stored += wanted;
  counters_.orphaned += joined.orphaned;
  counters_.gave_way += joined.gave_way;
  return 0;
}

Sink* Intake::sink(Sink::Moment until) {
  const sync::MutexLock lock(mutex_);
  while (sink_ == nullptr && changed_.wait_until(mutex_, until)) {
  }
  return sink_;
}

void Intake::take_datagram(std::string_view datagram, const CallAt& call_at) {
  const Datagram read = parse_dogstatsd(datagram);
  counters_.metrics_refused += read.malformed;
  Invocations::Entry call;
  if (call_at) {
    call = invocations_.by_request(call_at(epoch_ns()));
  }
  for (const MetricPoint& point : read.points) {
    const bool taken =
        function_metrics_.take(point, call && call->labels ? *call->labels : metrics::Labels());
    ++(taken ? counters_.metrics : counters_.metrics_refused);
  }
}

void Intake::add_metrics(metrics::Registry& registry) const {
  function_metrics_.add_to(registry);
  telemetry::add_metrics(counts(), registry);
}

}  // namespace weft::telemetry

#include "exports/exports.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/write.h"

namespace weft::exports {
namespace {

// Of a destination that takes what it is sent.
constexpr std::chrono::milliseconds kFinishMost{30'000};

std::string object_of(const Destination& destination, std::string_view counts,
                      const std::string& last_error) {
  std::string out = R"({"to":)";
  json::write_string(destination.to_text(), out);
  out += counts;
  if (!last_error.empty()) {
    out += R"(,"lastError":)";
    json::write_string(last_error, out);
  }
  return out + "}";
}

std::string json_of(const LiveSpans& spans) {
  const LiveSpans::Counts now = spans.counts();
  return object_of(
      spans.destination(),
      fmt::format(
          R"(,"sentSpans":{},"droppedSpans":{},"droppedExecutions":{},"waitingExecutions":{})",
          now.sent_spans, now.dropped_spans, now.dropped_executions, now.waiting),
      now.last_error);
}

std::string json_of(const MetricPush& metrics) {
  const MetricPush::Counts now = metrics.counts();
  return object_of(metrics.destination(),
                   fmt::format(R"(,"sentPushes":{},"droppedPushes":{})", now.sent, now.dropped),
                   now.last_error);
}

// ": why", or nothing.
std::string because(const std::string& error) { return error.empty() ? "" : ": " + error; }

}  // namespace

Exports::Exports(const std::vector<Destination>& destinations) : destinations_(destinations) {
  for (const Destination& each : destinations) {
    if (each.takes_spans()) spans_.push_back(std::make_unique<LiveSpans>(each));
  }
}

Exports::~Exports() = default;

void Exports::start(const Source& source) {
  for (const auto& each : spans_) each->start(source);
  for (const Destination& each : destinations_) {
    if (!each.takes_spans()) metrics_.push_back(std::make_unique<MetricPush>(each, source.metrics));
  }
}

void Exports::ended(history::ExecutionKey key, const std::optional<history::ChildRow>& row) {
  for (const auto& each : spans_) each->ended(key, row);
}

void Exports::run_ended(uint64_t run) {
  for (const auto& each : spans_) each->run_ended(run);
}

void Exports::finish(std::chrono::milliseconds time) {
  const auto moment = std::chrono::steady_clock::now() + time;
  for (const auto& each : spans_) each->finish(time, std::max(time, kFinishMost));
  for (const auto& each : metrics_) each->finish_by(moment);
  for (const auto& each : spans_) each->join();
  for (const auto& each : metrics_) each->join();
}

std::string Exports::counts_json() const {
  std::string out = "[";
  for (const auto& each : spans_) {
    if (out.size() > 1) out += ',';
    out += json_of(*each);
  }
  for (const auto& each : metrics_) {
    if (out.size() > 1) out += ',';
    out += json_of(*each);
  }
  return out + "]";
}

std::vector<std::string> Exports::warnings() const {
  std::vector<std::string> out;
  for (const auto& each : spans_) {
    const LiveSpans::Counts now = each->counts();
    if (now.dropped_spans + now.dropped_executions == 0) continue;
    out.push_back(
        fmt::format("--export {}: {} spans and {} whole executions were not sent ({} spans were){}",
                    each->destination().to_text(), now.dropped_spans, now.dropped_executions,
                    now.sent_spans, because(now.last_error)));
  }
  for (const auto& each : metrics_) {
    const MetricPush::Counts now = each->counts();
    if (now.dropped == 0) continue;
    out.push_back(fmt::format("--export {}: {} of {} pushes of metrics did not arrive{}",
                              each->destination().to_text(), now.dropped, now.dropped + now.sent,
                              because(now.last_error)));
  }
  return out;
}

}  // namespace weft::exports

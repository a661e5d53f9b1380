#include "exports/metric_push.h"

#include <algorithm>
#include <utility>

#include "clock/system_clock.h"
#include "columns/execution_metrics.h"
#include "exports/dogstatsd.h"
#include "exports/otlp_metrics.h"
#include "sync/mutex.h"

namespace weft::exports {
namespace {

// A push that takes longer would overtake the next.
constexpr DeliveryLimits kLimits{.request = std::chrono::seconds(5),
                                 .total = std::chrono::seconds(9)};

}  // namespace

MetricPush::MetricPush(Destination destination, std::function<metrics::Registry()> read)
    : destination_(std::move(destination)),
      read_(std::move(read)),
      start_ns_(clock::unix_ns()),
      delivery_(kLimits),
      thread_([this] { loop(); }) {}

MetricPush::~MetricPush() {
  {
    const sync::MutexLock lock(mutex_);
    if (!finishing_) last_push_ = false;
  }
  finish_by(std::chrono::steady_clock::now());
  join();
}

void MetricPush::finish_by(std::chrono::steady_clock::time_point moment) {
  delivery_.stop_at(moment);
  const sync::MutexLock lock(mutex_);
  finishing_ = true;
  changed_.notify_all();
}

void MetricPush::join() {
  if (thread_.joinable()) thread_.join();
}

MetricPush::Counts MetricPush::counts() const {
  const sync::MutexLock lock(mutex_);
  return counts_;
}

void MetricPush::loop() {
  auto next = std::chrono::steady_clock::now() + kInterval;
  while (true) {
    {
      sync::MutexLock lock(mutex_);
      while (!finishing_ && changed_.wait_until(mutex_, next)) {
      }
      if (finishing_) {
        if (!last_push_) return;
        lock.unlock();
        return push();
      }
    }
    push();
    next = std::max(next + kInterval, std::chrono::steady_clock::now());
  }
}

void MetricPush::push() {
  metrics::Registry now = read_();
  const bool udp = destination_.kind == Destination::Kind::kDogStatsD;
  auto failed = udp ? push_dogstatsd(now) : push_otlp(now);
  if (!failed) sent_ = std::move(now);
  const sync::MutexLock lock(mutex_);
  ++(failed ? counts_.dropped : counts_.sent);
  if (failed) counts_.last_error = std::move(*failed);
}

std::optional<std::string> MetricPush::push_dogstatsd(const metrics::Registry& now) {
  if (!udp_) {
    auto opened = net::UdpSender::open(destination_.host, destination_.port);
    if (!opened) return opened.error().message;
    udp_.emplace(std::move(*opened));
  }
  size_t lost = 0;
  write_dogstatsd(now, sent_, columns::metric_descriptions(), [&](std::string_view datagram) {
    if (!udp_->send(datagram)) ++lost;
  });
  // Sending the others again would count them twice.
  if (lost > 0) {
    const sync::MutexLock lock(mutex_);
    counts_.last_error = std::to_string(lost) + " datagrams could not be sent";
  }
  return std::nullopt;
}

std::optional<std::string> MetricPush::push_otlp(const metrics::Registry& now) {
  net::ClientRequest request{.method = "POST", .url = destination_.url};
  request.headers.set("Content-Type", "application/json");
  request.body = otlp_metrics(now, columns::metric_descriptions(), start_ns_, clock::unix_ns());
  return delivery_.send(request);
}

}  // namespace weft::exports

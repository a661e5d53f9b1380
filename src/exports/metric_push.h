#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "exports/delivery.h"
#include "exports/destination.h"
#include "metrics/registry.h"
#include "net/udp_sender.h"
#include "sync/mutex.h"

namespace weft::exports {

// Pushes a registry to one destination every kInterval and at the end, on a thread of its own.
class MetricPush {
 public:
  static constexpr std::chrono::seconds kInterval{10};

  struct Counts {
    uint64_t sent = 0;     // pushes
    uint64_t dropped = 0;  // pushes that were given up; DogStatsD's next one makes up for it
    std::string last_error;
  };

  // `read` gives all that was counted since the start; called on the thread, until finish_by() and
  // join().
  MetricPush(Destination destination, std::function<metrics::Registry()> read);
  // Ends without a last push.
  ~MetricPush();

  // Pushes once more, until `moment`, and ends.
  void finish_by(std::chrono::steady_clock::time_point moment);
  void join();

  Counts counts() const;
  const Destination& destination() const { return destination_; }

 private:
  void loop();
  void push();
  // Nothing, or why it failed.
  std::optional<std::string> push_dogstatsd(const metrics::Registry& now);
  std::optional<std::string> push_otlp(const metrics::Registry& now);

  const Destination destination_;
  const std::function<metrics::Registry()> read_;
  const int64_t start_ns_;
  Delivery delivery_;
  std::optional<net::UdpSender> udp_;
  metrics::Registry sent_;  // what DogStatsD knows

  mutable sync::Mutex mutex_;
  sync::CondVar changed_;
  bool finishing_ WEFT_GUARDED_BY(mutex_) = false;
  bool last_push_ WEFT_GUARDED_BY(mutex_) = true;
  Counts counts_ WEFT_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace weft::exports

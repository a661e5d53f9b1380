#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/client.h"
#include "sync/mutex.h"

namespace weft::exports {

// Bounds of a delivery.
struct DeliveryLimits {
  std::chrono::milliseconds request{10'000};       // one try
  std::chrono::milliseconds total{60'000};         // all tries of one request
  std::chrono::milliseconds unreachable{60'000};   // all tries while the server never answered
  std::chrono::milliseconds first_pause{500};      // before the second try; doubles each time
  std::chrono::milliseconds longest_pause{8'000};  // also of what Retry-After asks for
};

// Sends requests to one server and tries again while that may help: no connection, no answer, 429
// and 5xx (the OTLP specification's rules, Retry-After in seconds honoured). One thread sends;
// stop_at() may come from another.
class Delivery {
 public:
  explicit Delivery(DeliveryLimits limits = {});

  // Blocks. Nothing when a 2xx answered, else why it was given up.
  std::optional<std::string> send(const net::ClientRequest& request);
  // No try begins after `moment`, and pauses end then. May be called again to change it.
  void stop_at(std::chrono::steady_clock::time_point moment);

 private:
  const DeliveryLimits limits_;
  net::HttpClient client_;
  bool answered_ = false;  // ever
  std::chrono::steady_clock::time_point unreachable_at_ =
      std::chrono::steady_clock::time_point::max();  // counted from the first try
  sync::Mutex mutex_;
  sync::CondVar stopped_;
  std::chrono::steady_clock::time_point stop_at_ WEFT_GUARDED_BY(mutex_) =
      std::chrono::steady_clock::time_point::max();
};

}  // namespace weft::exports

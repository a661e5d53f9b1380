#include "exports/delivery.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "sync/mutex.h"

namespace weft::exports {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool worth_another_try(int status) { return status == 429 || status >= 500; }

// What Retry-After asks for in seconds; 0 without it.
milliseconds retry_after(const net::Response& answer) {
  const std::string_view text = answer.headers.get("Retry-After");
  uint32_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(std::min(seconds, 3'600u));
}

std::string refusal_text(const net::Response& answer) {
  constexpr size_t kShown = 200;
  std::string text = fmt::format("status {}", answer.status);
  if (!answer.body.empty() && answer.body.size() < kShown) text += ": " + answer.body;
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

}  // namespace

Delivery::Delivery(DeliveryLimits limits)
    : limits_(limits),
      client_({.connect_timeout = std::min(limits.request, limits.unreachable),
               .response_bytes = 1 << 20,
               .idle_connections = 1}) {}

std::optional<std::string> Delivery::send(const net::ClientRequest& request) {
  const auto give_up_at = steady_clock::now() + limits_.total;
  if (unreachable_at_ == steady_clock::time_point::max())
    unreachable_at_ = steady_clock::now() + limits_.unreachable;
  milliseconds pause = limits_.first_pause;
  std::string why = "there was no time left";
  while (true) {
    const auto now = steady_clock::now();
    sync::MutexLock lock(mutex_);
    const auto until = std::min(give_up_at, stop_at_);
    if (now >= until) return why;
    lock.unlock();
    // One that has never answered may be nobody's server.
    const auto patience =
        answered_ ? limits_.request : std::min(limits_.request, limits_.unreachable);
    const auto timeout = std::min(patience, duration_cast<milliseconds>(until - now));
    const auto answer = client_.request(request, std::max(timeout, milliseconds(1)));
    milliseconds asked{0};
    answered_ = answered_ || answer.has_value();
    if (answer) {
      if (answer->status / 100 == 2) return std::nullopt;
      why = refusal_text(*answer);
      if (!worth_another_try(answer->status)) return why;
      asked = std::min(retry_after(*answer), limits_.longest_pause);
    } else {
      why = answer.error().message;
    }
    lock.lock();
    const auto next = steady_clock::now() + std::max(pause, asked);
    if (next >= (answered_ ? give_up_at : std::min(give_up_at, unreachable_at_))) return why;
    while (next < stop_at_ && stopped_.wait_until(mutex_, next)) {
    }
    if (next >= stop_at_) return why;
    pause = std::min(pause * 2, limits_.longest_pause);
  }
}

void Delivery::stop_at(steady_clock::time_point moment) {
  const sync::MutexLock lock(mutex_);
  stop_at_ = moment;
  stopped_.notify_all();
}

}  // namespace weft::exports

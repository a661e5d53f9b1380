#include "net/loop.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/check.h"
#include "base/time.h"
#include "clock/system_clock.h"
#include "net/loop_impl.h"

namespace weft::net {
namespace {

constexpr std::chrono::milliseconds kTickInterval{250};

}  // namespace

// The timer itself belongs to its loop, so that a handle may outlive that.
struct TimerHandle::State {
  std::atomic<bool> cancelled = false;
  std::weak_ptr<LoopThread> thread;
  std::weak_ptr<asio::steady_timer> timer;
};

void TimerHandle::cancel() {
  if (!state_ || state_->cancelled.exchange(true)) return;
  if (auto thread = state_->thread.lock()) {
    asio::post(thread->context, [weak = state_->timer] {
      if (auto timer = weak.lock()) timer->cancel();
    });
  }
}

void LoopThread::start_ticking() {
  tick_now();
  tick.expires_after(kTickInterval);
  tick.async_wait([this](const boost::system::error_code& error) {
    if (!error) start_ticking();
  });
}

void LoopThread::tick_now() {
  now = std::chrono::steady_clock::now();
  http_date = base::format_http_date(clock::unix_ms());
  for (Watched* each : watched) each->on_tick(now);
}

LoopThread* Loop::Impl::pick() {
  next_thread = (next_thread + 1) % threads.size();
  return threads[next_thread].get();
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  impl_->threads.push_back(std::make_shared<LoopThread>());
}

Loop::~Loop() { stop(); }

void Loop::start(int threads) {
  WEFT_CHECK(!impl_->started);
  impl_->started = true;
  for (int i = 1; i < threads; ++i) impl_->threads.push_back(std::make_shared<LoopThread>());
  for (auto& each : impl_->threads) {
    asio::post(each->context, [thread = each.get()] { thread->start_ticking(); });
    each->thread = std::thread([thread = each.get()] { thread->context.run(); });
  }
}

void Loop::stop() {
  for (auto& each : impl_->threads) each->context.stop();
  for (auto& each : impl_->threads) {
    if (each->thread.joinable()) each->thread.join();
  }
}

void Loop::post(std::move_only_function<void()> function) {
  asio::post(impl_->first().context, [function = std::move(function)]() mutable { function(); });
}

TimerHandle Loop::run_after(std::chrono::nanoseconds delay,
                            std::move_only_function<void()> function) {
  auto timer = std::make_shared<asio::steady_timer>(impl_->first().context);
  auto state = std::make_shared<TimerHandle::State>();
  state->thread = impl_->threads.front();
  state->timer = timer;
  // The timer is touched on its loop thread only, so that cancel() from elsewhere never races with
  // it.
  timer->expires_after(delay);
  asio::post(impl_->first().context, [state, timer, function = std::move(function)]() mutable {
    if (state->cancelled) return;
    timer->async_wait([state, timer, function = std::move(function)](
                          const boost::system::error_code& error) mutable {
      if (!error && !state->cancelled) function();
    });
  });
  return TimerHandle(std::move(state));
}

}  // namespace weft::net

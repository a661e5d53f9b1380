#include "runtime/shard_thread.h"

#include <algorithm>
#include <chrono>

namespace weft::runtime {
namespace {

// Timers due far away are looked at again this often, so that a jump of the wall clock is noticed.
constexpr int64_t kNapMsMax = 1'000;

}  // namespace

ShardThread::ShardThread(std::unique_ptr<Shard> shard, const base::Clock& clock)
    : shard_(std::move(shard)), clock_(clock) {}

ShardThread::~ShardThread() { stop(); }

void ShardThread::start() {
  thread_ = std::thread([this] { loop(); });
}

void ShardThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ShardThread::post(Message message) {
  bool first;
  {
    const std::lock_guard lock(mutex_);
    first = inbox_.empty();
    inbox_.push_back(std::move(message));
  }
  if (first) wake_.notify_one();
}

void ShardThread::loop() {
  shard_->resume();
  std::vector<Message> taken;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const auto ready = [this] { return stopping_ || !inbox_.empty(); };
      if (!ready()) {
        const auto due = shard_->next_due();
        if (!due) {
          wake_.wait(lock, ready);
        } else {
          const int64_t nap_ms = std::clamp<int64_t>(*due - clock_.now_ms(), 0, kNapMsMax);
          if (nap_ms > 0) wake_.wait_for(lock, std::chrono::milliseconds(nap_ms), ready);
        }
      }
      if (stopping_) return;
      taken.swap(inbox_);
    }
    for (Message& message : taken) {
      shard_->handle(std::move(message));
      shard_->fire_due(clock_.now_ms());
    }
    taken.clear();
    shard_->fire_due(clock_.now_ms());
  }
}

}  // namespace weft::runtime

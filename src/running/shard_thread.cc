#include "running/shard_thread.h"

#include <algorithm>
#include <chrono>

#include "sync/mutex.h"

namespace weft::running {
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
    const sync::MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ShardThread::post(Message message) {
  bool first;
  {
    const sync::MutexLock lock(mutex_);
    first = inbox_.empty();
    inbox_.push_back(std::move(message));
  }
  if (first) wake_.notify_one();
}

bool ShardThread::take(std::vector<Message>& taken) {
  const sync::MutexLock lock(mutex_);
  if (!ready()) {
    if (const auto due = shard_->next_due()) {
      const int64_t nap_ms = std::clamp<int64_t>(*due - clock_.now_ms(), 0, kNapMsMax);
      const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(nap_ms);
      while (nap_ms > 0 && !ready() && wake_.wait_until(mutex_, until)) {
      }
    } else {
      while (!ready()) wake_.wait(mutex_);
    }
  }
  if (stopping_) return false;
  taken.swap(inbox_);
  return true;
}

void ShardThread::loop() {
  shard_->resume();
  std::vector<Message> taken;
  while (take(taken)) {
    for (Message& message : taken) {
      shard_->handle(std::move(message));
      shard_->fire_due(clock_.now_ms());
    }
    taken.clear();
    shard_->fire_due(clock_.now_ms());
  }
}

}  // namespace weft::running

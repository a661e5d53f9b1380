#include "running/shard_thread.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "sync/mutex.h"

namespace weft::running {
namespace {

// Timers due far away are looked at again this often: the wall clock may be set, and the machine
// may sleep, which this wait does not count.
constexpr int64_t kNapUsMax = 1'000'000;
// For how long others are served in the middle of a turn; then it has the thread again.
constexpr std::chrono::milliseconds kServeMax{20};

}  // namespace

ShardThread::ShardThread(std::unique_ptr<Shard> shard) : shard_(std::move(shard)) {}

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

bool ShardThread::take() {
  const sync::MutexLock lock(mutex_);
  if (!ready()) {
    if (const auto due_us = shard_->until_due_us()) {
      const int64_t nap_us = std::clamp<int64_t>(*due_us, 0, kNapUsMax);
      const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(nap_us);
      while (nap_us > 0 && !ready() && wake_.wait_until(mutex_, until)) {
      }
    } else {
      while (!ready()) wake_.wait(mutex_);
    }
  }
  if (stopping_) return false;
  taken_.swap(inbox_);
  return true;
}

void ShardThread::serve_first() {
  const auto until = std::chrono::steady_clock::now() + kServeMax;
  do {
    {
      const sync::MutexLock lock(mutex_);
      if (stopping_) return;
      std::ranges::move(inbox_, std::back_inserter(taken_));
      inbox_.clear();
    }
    const Message* const first = taken_.data() + handled_;
    const Message* const end = taken_.data() + taken_.size();
    const Message* next = first;
    while (next != end && !shard_->may_go_first(first, next)) ++next;
    if (next == end) return;
    const auto at = taken_.begin() + (next - taken_.data());
    Message message = std::move(*at);
    taken_.erase(at);
    shard_->handle(std::move(message));
  } while (std::chrono::steady_clock::now() < until);
}

void ShardThread::loop() {
  shard_->resume();
  shard_->while_waiting([this] { serve_first(); });
  while (take()) {
    for (handled_ = 0; handled_ < taken_.size();) {
      shard_->handle(std::move(taken_[handled_++]));
      shard_->fire_due();
    }
    taken_.clear();
    shard_->caught_up();
    shard_->fire_due();
  }
}

}  // namespace weft::running

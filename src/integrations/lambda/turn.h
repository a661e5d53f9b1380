#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "integrations/lambda/function.h"

namespace weft::lambda {

// One change of a Function: holds its mutex, collects what follows, and does that in order after
// unlocking. So no answer, kill or callback ever runs under the lock. Lives on the stack.
class Function::Turn {
 public:
  // Whether callbacks may run on this thread (a loop thread) or must be posted to one.
  enum class Thread : uint8_t { kLoop, kOther };

  Turn(Function& function, Thread thread) : lock_(function.mutex_), thread_(thread) {}
  ~Turn() {
    lock_.unlock();
    for (auto& effect : effects_) effect();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  void then(std::move_only_function<void()> effect) { effects_.push_back(std::move(effect)); }
  // Gives the mutex away until `reached` holds, `deadline` at the latest.
  template <typename Condition>
  void wait(std::condition_variable& changed, Clock::time_point deadline, Condition reached) {
    changed.wait_until(lock_, deadline, std::move(reached));
  }
  bool on_loop() const { return thread_ == Thread::kLoop; }

 private:
  std::unique_lock<std::mutex> lock_;
  Thread thread_;
  std::vector<std::move_only_function<void()>> effects_;
};

}  // namespace weft::lambda

#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "integrations/lambda/function.h"
#include "sync/mutex.h"

namespace weft::lambda {

// One change of a Function: holds its mutex, collects what follows, and does that in order after
// unlocking. So no answer, kill or callback ever runs under the lock. Lives on the stack.
class WEFT_SCOPED_CAPABILITY Function::Change {
 public:
  // Whether callbacks may run on this thread (a loop thread) or must be posted to one.
  enum class Thread : uint8_t { kLoop, kOther };

  Change(Function& function, Thread thread) WEFT_ACQUIRE(function.mutex_)
      : mutex_(function.mutex_), thread_(thread) {
    mutex_.lock();
  }
  ~Change() WEFT_RELEASE() {
    mutex_.unlock();
    for (auto& effect : effects_) effect();
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  void then(std::move_only_function<void()> effect) { effects_.push_back(std::move(effect)); }
  bool on_loop() const { return thread_ == Thread::kLoop; }

 private:
  sync::Mutex& mutex_;
  Thread thread_;
  std::vector<std::move_only_function<void()>> effects_;
};

}  // namespace weft::lambda

#include "running/task_trials.h"

#include <optional>
#include <utility>

namespace weft::running {

void TaskTrials::run(integrations::TaskRequest request, std::chrono::milliseconds limit,
                     Done done) {
  threads_->post([this, request = std::move(request), limit, done = std::move(done)]() mutable {
    const auto until = std::chrono::steady_clock::now() + limit;
    const auto outcome = std::make_shared<std::optional<engine::Input>>();
    tasks_.run(request, [this, outcome](engine::Input input) {
      const sync::MutexLock lock(mutex_);
      if (stopping_) return;
      *outcome = std::move(input);
      changed_.notify_all();
    });
    bool late = false;
    {
      const sync::MutexLock lock(mutex_);
      while (!*outcome && !late && !stopping_) late = !changed_.wait_until(mutex_, until);
      if (stopping_) return;
      late = !*outcome;
    }
    if (late) tasks_.cancel(request.request_id);
    if (late) return done(std::optional<engine::Input>());
    done(std::move(*outcome));
  });
}

void TaskTrials::stop() {
  {
    const sync::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  threads_.reset();  // waits for those that run
}

}  // namespace weft::running

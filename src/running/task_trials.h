#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "integrations/task.h"
#include "net/worker_pool.h"
#include "sync/mutex.h"

namespace weft::running {

// Tasks that belong to no execution, run once each (TestState). Thread-safe.
class TaskTrials {
 public:
  // How one ended; nothing when it took too long: it is cancelled then.
  using Done = std::move_only_function<void(base::Result<std::optional<engine::Input>>)>;

  // `tasks` outlives this.
  explicit TaskTrials(integrations::TaskRunner& tasks) : tasks_(tasks) {}
  // Answers what still runs as too late.
  ~TaskTrials() { stop(); }

  // At most kTrialsMax run at once, more wait. `done` is called on a thread that may block, and not
  // at all after stop().
  void run(integrations::TaskRequest request, std::chrono::milliseconds limit, Done done);
  // Waits for those whose `done` is being called; the others are given up.
  void stop();

  static constexpr int kTrialsMax = 16;

 private:
  integrations::TaskRunner& tasks_;
  sync::Mutex mutex_;
  sync::CondVar changed_;
  bool stopping_ WEFT_GUARDED_BY(mutex_) = false;
  std::unique_ptr<net::WorkerPool> threads_ = std::make_unique<net::WorkerPool>(kTrialsMax);
};

}  // namespace weft::running

#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "net/http.h"

namespace weft::net {

// How the threads of a pool stand to the others of the process: beside them, or below them
// (base/give_way.h).
enum class Priority : uint8_t { kNormal, kBelow };

// A fixed number of threads for work that blocks (file I/O), with one unbounded queue in order of
// arrival.
class WorkerPool {
 public:
  explicit WorkerPool(int threads, Priority priority = Priority::kNormal);
  // Finishes the jobs that run, drops those that wait, joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Queues `job`. Any thread. A dropped job is destroyed without running.
  void post(std::move_only_function<void()> job);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A handler that runs `function` on `pool`, which must outlive it. `function` may be called by
// several threads at once.
Handler blocking(WorkerPool& pool, std::function<Response(Request)> function);

}  // namespace weft::net

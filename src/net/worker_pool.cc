#include "net/worker_pool.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "base/give_way.h"
#include "sync/mutex.h"

namespace weft::net {

struct WorkerPool::Impl {
  sync::Mutex mutex;
  sync::CondVar wake;
  std::deque<std::move_only_function<void()>> jobs WEFT_GUARDED_BY(mutex);
  bool stopping WEFT_GUARDED_BY(mutex) = false;
  std::vector<std::thread> threads;

  void run() {
    sync::MutexLock lock(mutex);
    while (true) {
      while (!stopping && jobs.empty()) wake.wait(mutex);
      if (stopping) return;
      auto job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
  }
};

WorkerPool::WorkerPool(int threads, Priority priority) : impl_(std::make_unique<Impl>()) {
  for (int i = 0; i < std::max(threads, 1); ++i)
    impl_->threads.emplace_back([impl = impl_.get(), priority] {
      if (priority == Priority::kBelow) base::give_way();
      impl->run();
    });
}

WorkerPool::~WorkerPool() {
  {
    const sync::MutexLock lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

void WorkerPool::post(std::move_only_function<void()> job) {
  {
    const sync::MutexLock lock(impl_->mutex);
    impl_->jobs.push_back(std::move(job));
  }
  impl_->wake.notify_one();
}

Handler blocking(WorkerPool& pool, std::function<Response(Request)> function) {
  auto shared = std::make_shared<std::function<Response(Request)>>(std::move(function));
  return [&pool, shared](Request request, Responder responder) {
    pool.post([shared, request = std::move(request), responder = std::move(responder)]() mutable {
      responder((*shared)(std::move(request)));
    });
  };
}

}  // namespace weft::net

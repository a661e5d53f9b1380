#include "net/worker_pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace weft::net {

struct WorkerPool::Impl {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::move_only_function<void()>> jobs;
  bool stopping = false;
  std::vector<std::thread> threads;

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [&] { return stopping || !jobs.empty(); });
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

WorkerPool::WorkerPool(int threads) : impl_(std::make_unique<Impl>()) {
  for (int i = 0; i < std::max(threads, 1); ++i)
    impl_->threads.emplace_back([impl = impl_.get()] { impl->run(); });
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

void WorkerPool::post(std::move_only_function<void()> job) {
  {
    std::lock_guard lock(impl_->mutex);
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

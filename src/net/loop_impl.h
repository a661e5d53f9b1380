#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/loop.h"

// The Asio side of Loop. Included only by the .cc files of this folder.

namespace weft::net {

namespace asio = boost::asio;

// Something with a deadline on one loop thread (a connection). Called on that thread only.
class Watched {
 public:
  virtual ~Watched() = default;
  // Called about four times a second, and when a server closes.
  virtual void on_tick(std::chrono::steady_clock::time_point now) = 0;
};

// One thread with its own io_context. All but `context` belongs to that thread once it runs.
struct LoopThread : std::enable_shared_from_this<LoopThread> {
  // Before `context`, whose end destroys the connections, which leave this set.
  std::unordered_set<Watched*> watched;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>,
                             asio::io_context::executor_type>
      tick{context};
  // The time of the last tick: exact enough for time-outs, and free to read.
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
  std::string http_date;
  std::thread thread;

  void start_ticking();
  void tick_now();
};

struct Loop::Impl {
  // The first exists from the beginning, the others since start(). Responders keep weak references.
  std::vector<std::shared_ptr<LoopThread>> threads;
  size_t next_thread = 0;
  bool started = false;

  LoopThread& first() { return *threads.front(); }
  // The thread for the next connection, in turn. First loop thread only.
  LoopThread* pick();
};

}  // namespace weft::net

#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace weft::net {

// A timer that was set with Loop::run_after. Copies refer to the same timer; dropping all of them
// does not cancel it.
class TimerHandle {
 public:
  struct State;

  TimerHandle() = default;
  explicit TimerHandle(std::shared_ptr<State> state) : state_(std::move(state)) {}
  // Keeps the function from running if it has not started. Callable from any thread, any number of
  // times.
  void cancel();

 private:
  std::shared_ptr<State> state_;
};

// The event loops of the process: `threads` threads, each with its own queue; a connection stays on
// one of them. Functions given to post and run_after all run on the first thread, one after
// another, and must not block.
class Loop {
 public:
  struct Impl;

  Loop();
  // Stops when still running.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Starts the threads (at least one). Call it once; work posted before runs then.
  void start(int threads);
  // Ends the threads after the functions that run now and joins them. Connections are cut; what was
  // posted and has not run is dropped. Not callable from a loop thread. A stopped loop cannot start
  // again.
  void stop();
  // Runs `function` on the first loop thread soon. Any thread.
  void post(std::move_only_function<void()> function);
  // Runs `function` on the first loop thread after `delay`. Any thread.
  TimerHandle run_after(std::chrono::nanoseconds delay, std::move_only_function<void()> function);

  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::net

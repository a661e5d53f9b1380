#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "integrations/lambda/call_ledger.h"
#include "integrations/lambda/call_queue.h"
#include "integrations/lambda/function_log.h"
#include "integrations/lambda/function_pool.h"
#include "integrations/lambda/launch_plan.h"
#include "integrations/lambda/process_budget.h"
#include "integrations/lambda/sandbox.h"
#include "integrations/lambda/supervisor.h"
#include "net/datagrams.h"
#include "net/http.h"
#include "net/loop.h"
#include "sync/mutex.h"

namespace weft::lambda {

// Callbacks run while holding it shared; shutdown closes it exclusively, and so waits for those
// that run.
struct CallbackGate {
  sync::SharedMutex mutex;
  bool closed WEFT_GUARDED_BY(mutex) = false;
};

// What the functions of a pool share. The loop outlives the pool. The supervisor is owned jointly,
// because a loop thread may still be in the middle of a change (its callback has run, its kill has
// not) when the pool goes; it was stopped by then, and a stopped supervisor ignores every request.
struct FunctionContext {
  net::Loop* loop = nullptr;
  std::shared_ptr<Supervisor> supervisor;
  std::shared_ptr<CallbackGate> gate;
  std::shared_ptr<const PoolOptions> options;
  std::shared_ptr<CallLedger> ledger;  // null: nobody notes which calls are out
  std::shared_ptr<ProcessBudget> processes;
};

// One function: its waiting calls and its processes ("sandboxes"). Every public function is
// callable from any thread; each changes the state under the mutex and performs what follows from
// it (answers, starts, kills, callbacks) after unlocking. Timers and processes hold weak
// references, so late events of a closed function vanish.
class Function : public std::enable_shared_from_this<Function> {
 public:
  using Callback = FunctionPool::Callback;
  using Clock = std::chrono::steady_clock;

  Function(FunctionContext context, FunctionConfig config, LaunchPlan plan, std::string arn,
           std::unique_ptr<FunctionLog> log);

  // See FunctionPool. `qualifier` is "" or what stood behind the function's name.
  void invoke(Invocation invocation, std::string qualifier, Callback callback);
  // False when no such call waits or runs here.
  bool cancel(std::string_view request_id);
  // False when no such call waits here.
  bool withdraw(std::string_view request_id);
  // Nothing when no such call waits or runs here.
  std::optional<InvocationProgress> progress(std::string_view request_id) const;
  // Why this call is not delivered again after Weft ended with it; "" = it is.
  std::string undeliverable(const Invocation& invocation) const;
  // Whether its calls must not be delivered twice (UnknownOutcome::kFail).
  bool delivers_once() const { return config_.unknown_outcome == UnknownOutcome::kFail; }
  FunctionStatus status() const;
  FunctionDescription describe() const;
  // See FunctionPool.
  void refresh();
  // See FunctionPool::retire: begins it, and waits for its end.
  void retire();
  Retired await_retired(Clock::time_point deadline);
  // Drops all calls and sandboxes and ignores later events. The supervisor kills the processes.
  void close();

  // Whether who connects from `peer_port` to the sandbox's listener runs in that sandbox.
  bool admits(uint32_t sandbox, uint16_t peer_port);
  // The Runtime API, called by the sandbox's own listener (runtime_api.h).
  void on_next(uint32_t sandbox, net::Responder responder);
  void on_response(uint32_t sandbox, std::string_view request_id, net::Request request,
                   net::Responder responder);
  void on_error(uint32_t sandbox, std::string_view request_id, net::Request request,
                net::Responder responder);
  void on_init_error(uint32_t sandbox, net::Request request, net::Responder responder);
  // Anything else the process sends to its listener: see PoolOptions::telemetry.
  void on_telemetry(uint32_t sandbox, net::Request request, net::Responder responder);
  void on_datagram(uint32_t sandbox, std::string_view datagram);

 private:
  class Change;
  // The error payload for a request id.
  using PayloadOf = std::function<std::string(std::string_view request_id)>;

  // Decisions: they append to the change what is to be done after it.
  // Hands waiting calls to parked sandboxes and starts sandboxes for the rest.
  void balance(Change& change) WEFT_REQUIRES(mutex_);
  void assign(Change& change, Sandbox& sandbox, std::unique_ptr<Call> call) WEFT_REQUIRES(mutex_);
  void add_sandbox(Change& change, ProcessBudget::Slot slot) WEFT_REQUIRES(mutex_);
  // A sandbox died or was refused before its first /next: the next waiting call takes the blame;
  // all do when starts keep failing and no other sandbox is left to take them.
  void fail_init(Change& change, Sandbox& sandbox, InvocationResult::Outcome outcome,
                 const PayloadOf& payload_of) WEFT_REQUIRES(mutex_);
  // Ends the call of a busy sandbox. `then` runs after its output was read and before the callback.
  void finish(Change& change, Sandbox& sandbox, InvocationResult result,
              std::move_only_function<void()> then = nullptr) WEFT_REQUIRES(mutex_);
  // Ends the next waiting call, which no sandbox took.
  void fail_waiting(Change& change, Sandbox& sandbox, InvocationResult::Outcome outcome,
                    std::string payload) WEFT_REQUIRES(mutex_);
  void deliver(Change& change, std::unique_ptr<Call> call, std::shared_ptr<LogCapture> log,
               InvocationResult result, std::move_only_function<void()> then) WEFT_REQUIRES(mutex_);
  void note_out(Call& call) const;
  // Since when a process starts for that waiting call; nothing while it waits for one.
  std::optional<Clock::time_point> starting_since(const Call& call) const WEFT_REQUIRES(mutex_);
  void kill(Change& change, Sandbox& sandbox) WEFT_REQUIRES(mutex_);
  // Asks a process without a call to end.
  void end(Change& change, Sandbox& sandbox) WEFT_REQUIRES(mutex_);
  // The same of one whose code has changed; it is killed when it takes too long.
  void replace(Change& change, Sandbox& sandbox) WEFT_REQUIRES(mutex_);
  void watch(Change& change, Clock::time_point at) WEFT_REQUIRES(mutex_);
  Sandbox* find(uint32_t sandbox) WEFT_REQUIRES(mutex_);
  Sandbox* find_busy(uint32_t sandbox, std::string_view request_id) WEFT_REQUIRES(mutex_);

  // Without the mutex.
  void answer(uint32_t sandbox, std::string_view request_id, InvocationResult result,
              net::Response reply, net::Responder responder);
  void start_sandbox(uint32_t sandbox);
  base::Result<void> launch(uint32_t sandbox);
  base::Result<std::unique_ptr<net::DatagramListener>> listen_for_datagrams(uint32_t sandbox);
  std::vector<std::string> environment_of(uint32_t sandbox, uint16_t port,
                                          uint16_t datagram_port) const;
  CallAt call_at(uint32_t sandbox);
  std::shared_ptr<LogCapture> log_of(uint32_t sandbox);
  void on_exit(uint32_t sandbox, const ProcessExit& exit);
  void on_timer(uint64_t generation);

  const FunctionContext context_;
  const FunctionConfig config_;
  const LaunchPlan plan_;
  const std::string arn_;
  const std::unique_ptr<FunctionLog> log_;

  mutable sync::Mutex mutex_;
  bool closed_ WEFT_GUARDED_BY(mutex_) = false;
  bool retiring_ WEFT_GUARDED_BY(mutex_) = false;
  uint64_t told_to_end_ WEFT_GUARDED_BY(mutex_) = 0;
  sync::CondVar ended_;  // a sandbox has, while retiring
  CallQueue queue_ WEFT_GUARDED_BY(mutex_);
  std::map<uint32_t, std::unique_ptr<Sandbox>> sandboxes_ WEFT_GUARDED_BY(mutex_);
  std::vector<uint32_t> parked_
      WEFT_GUARDED_BY(mutex_);  // waiting in /next; the last one is the warmest
  uint32_t next_sandbox_ WEFT_GUARDED_BY(mutex_) = 1;
  uint32_t starting_ WEFT_GUARDED_BY(mutex_) = 0;
  uint32_t returning_ WEFT_GUARDED_BY(mutex_) = 0;
  // Starts that failed one after another, and when the next may be tried.
  int failed_starts_ WEFT_GUARDED_BY(mutex_) = 0;
  Clock::time_point not_before_ WEFT_GUARDED_BY(mutex_){};
  // One timer, set to the earliest moment that matters (Clock::time_point::max() = none).
  Clock::time_point timer_at_ WEFT_GUARDED_BY(mutex_) = Clock::time_point::max();
  uint64_t timer_generation_ WEFT_GUARDED_BY(mutex_) = 0;
  FunctionStatus totals_ WEFT_GUARDED_BY(mutex_);  // invocations, errors, cold_starts
};

}  // namespace weft::lambda

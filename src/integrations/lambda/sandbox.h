#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "integrations/lambda/call_ledger.h"
#include "integrations/lambda/function_pool.h"
#include "integrations/lambda/log_capture.h"
#include "integrations/lambda/process_budget.h"
#include "integrations/lambda/recent_calls.h"
#include "integrations/lambda/supervisor.h"
#include "net/datagrams.h"
#include "net/http.h"
#include "net/server.h"

namespace weft::lambda {

// A call between invoke() and its outcome.
struct Call {
  Invocation invocation;
  std::string qualifier;
  FunctionPool::Callback callback;
  std::chrono::steady_clock::time_point invoked_at;
  std::chrono::steady_clock::time_point delivered_at;
  int64_t started_ms = 0;
  int64_t queued_us = 0;
  int64_t init_us = 0;
  bool cold_start = false;
  CallLedger::Entry out;  // once a process starts for it, or works on it
};

// One process of a function with its listener. Belongs to its Function and is guarded by that one's
// mutex.
struct Sandbox {
  enum class State : uint8_t {
    kStarting,   // started, has not asked for work
    kParked,     // waits in /next; `next` holds its responder
    kBusy,       // works on `call`
    kReturning,  // has answered, has not asked again
    kEnding,     // told to end (Function::retire), takes no call any more
    kDying,      // killed; its slot is free when it is reaped
    kEnded,      // has ended after retire(): what it sent before may still be in its listeners
  };

  uint32_t id = 0;
  ProcessBudget::Slot slot;
  State state = State::kStarting;
  bool stale = false;  // its code has changed: it takes no other call
  std::chrono::steady_clock::time_point started_at;
  // When it is killed unless something happens: end of init, of the call, of the way back to /next.
  std::chrono::steady_clock::time_point deadline;
  net::Responder next;
  std::unique_ptr<Call> call;
  std::shared_ptr<RecentCalls> calls = std::make_shared<RecentCalls>();
  std::unique_ptr<net::HttpServer> server;
  std::unique_ptr<net::DatagramListener> datagrams;
  std::shared_ptr<LogCapture> log;
  Supervisor::ProcessId process = 0;  // 0: not handed to the supervisor yet
};

}  // namespace weft::lambda

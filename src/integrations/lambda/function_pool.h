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

#include "base/error.h"
#include "integrations/lambda/function_config.h"
#include "integrations/lambda/invocation.h"
#include "integrations/lambda/recent_calls.h"
#include "net/http.h"

namespace weft::net {
class Loop;
}

namespace weft::lambda {

// What the functions of one pool share.
struct PoolOptions {
  std::string account = "000000000000";
  std::string region = "us-east-1";
  // Where AWS SDKs inside functions send their calls ("http://127.0.0.1:9338"): becomes
  // AWS_ENDPOINT_URL, _S3 and _SFN.
  // "" sets none of them.
  std::string endpoint_url;
  // Added to every function's environment; a function's own settings win.
  std::map<std::string, std::string> environment;
  // Answers what a process sends to its own listener beside the Runtime API: its spans. The header
  // Weft-Process names the process. Gets
  // what tells the request id of the call the process worked on at a moment (RecentCalls::at; any
  // thread, at any time). Called on loop threads. Empty = 404.
  std::function<void(net::Request, net::Responder, CallAt)> telemetry{};
  // Takes the datagrams that a process sends to the UDP port of its own, in the same way; must not
  // block. Empty = no such port.
  std::function<void(std::string_view datagram, CallAt)> datagrams{};
  // Told what a call printed, when it has ended and before its callback runs: the `log...` members
  // of its result. Not of calls that printed nothing. Any thread; must not block.
  std::function<void(const std::string& request_id, const InvocationResult& result)> printed{};
  // The environment that leads a process there, given its listener's URL and UDP port (0: none);
  // see `environment`.
  std::function<std::map<std::string, std::string>(std::string_view url, uint16_t datagram_port)>
      telemetry_environment{};
  // Directory for one log file per function, `NAME.log`, appended; "" = no files. Created when
  // absent.
  std::string log_directory;
  // File that says which calls are out, for the process after this one (call_ledger.h); "" = none:
  // what was out when Weft died is delivered again however often.
  std::string call_ledger{};
  // Directory for the bootstraps that ship with Weft; "" = a fresh private one under TMPDIR,
  // removed at the end.
  std::string runtime_directory;
  // How many processes all functions have at once, whatever their concurrency (each may have one);
  // 0: as many as that comes to.
  size_t processes_max = 0;
  // The interpreters, looked up in PATH when they hold no slash.
  std::string node_program = "node";
  std::string python_program = "python3";
};

// A moment's view of one function.
struct FunctionStatus {
  std::string name;
  std::string arn;
  uint64_t queued = 0;    // invocations that wait
  uint32_t starting = 0;  // processes that have not asked for work yet
  uint32_t idle = 0;
  uint32_t busy = 0;
  uint64_t invocations = 0;  // ended, of all outcomes
  uint64_t errors = 0;       // of these, function errors and time-outs
  uint64_t cold_starts = 0;
};

// A function as it was given, and what was found there.
struct FunctionDescription {
  FunctionConfig config;
  std::string arn;
  std::string handler;      // in AWS's form, "index.handler"
  std::string interpreter;  // absolute path of the program that runs it; "" when it runs itself
  std::string source;       // absolute path of the file that is run
};

// What came of FunctionPool::retire(), in processes.
struct Retired {
  uint64_t ended = 0;   // by themselves
  uint64_t killed = 0;  // because they took longer than they had
};

// The local functions: every function runs as real processes that speak AWS's Lambda Runtime API,
// each to its own loopback listener, so that a process can only answer its own invocation.
// Processes start on demand up to the function's concurrency, stay warm and are reused; what
// exceeds them waits in order of arrival. Processes die with Weft.
class FunctionPool {
 public:
  using Options = PoolOptions;
  using Callback = std::move_only_function<void(InvocationResult)>;
  struct Impl;

  // Checks every function's path and interpreter; starts no process yet. `loop` must be started
  // before the first invoke and outlive the pool. Errors: kInvalidArgument (a function's path, a
  // name given twice), kIo (directories).
  static base::Result<std::unique_ptr<FunctionPool>> create(net::Loop& loop, Options options,
                                                            std::vector<FunctionConfig> functions);
  // Shuts down.
  ~FunctionPool();

  // Starts or queues a call. Any thread. `callback` runs once, on a loop thread (never inside
  // invoke), and must not block. A result can be lost only by cancel and shutdown.
  void invoke(Invocation invocation, Callback callback);
  // Drops a waiting call, or kills the process (group) that works on it. Its callback does not
  // start after this returns, unless the call had already ended. Unknown ids are ignored. Any
  // thread.
  void cancel(std::string_view request_id);
  // Drops the call if it waits for a process; whether it did. Any thread.
  bool withdraw(std::string_view request_id);
  // How far the call has come; nothing when no such call waits or is at work. Any thread.
  std::optional<InvocationProgress> progress(std::string_view request_id) const;
  // Whether one of the functions must not have a call twice (UnknownOutcome::kFail). Any thread.
  bool delivers_once() const;
  // One entry a function, by name. Any thread.
  std::vector<FunctionStatus> status() const;
  // The same entries: what they are made of. Fixed at create(). Any thread.
  std::vector<FunctionDescription> describe() const;
  std::optional<FunctionDescription> describe(std::string_view name) const;
  // The ARN that a function of this name has, or would have. Any thread.
  std::string arn(const std::string& name) const;
  // The code of this function has changed: its processes end, those that work on a call when that
  // has ended, and the next call starts a new one. Unknown names are ignored. Any thread.
  void refresh(std::string_view name);
  // Lambda's shutdown phase: every process without a call gets SIGTERM and `grace` to use it, above
  // all to send what its tracing library still holds; then it is killed. A process that works on a
  // call is told so when that has ended. No process starts and no call is delivered any more.
  // Blocks until they have ended; what they sent is taken until shutdown(). Not on a loop thread.
  // AWS: "Lambda execution environment lifecycle", Shutdown phase.
  Retired retire(std::chrono::milliseconds grace);
  // Kills all processes, waits for their end, drops all calls; no callback runs afterwards. Not
  // callable from a callback.
  void shutdown();

 private:
  explicit FunctionPool(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::lambda

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "integrations/lambda/function_pool.h"
#include "running/host.h"
#include "server/options.h"
#include "telemetry/intake.h"

namespace weft::server {

// A whole Weft in this process: store, buckets, functions, host, and one HTTP server for the Step
// Functions API, S3 and `/_weft/`.
// One owner; destroying it stops everything,
// and what still ran goes on at the next start.
class Server {
 public:
  // Opens the store and the buckets, checks the functions, and listens; requests for executions are
  // answered 503 until start(). Errors are one sentence for the user: a data directory in use, a
  // used port, a bucket without a directory ...
  static base::Result<std::unique_ptr<Server>> open(const ServeOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Recovers the open executions and begins to serve. Call it once. `can_go_on`:
  // running::HostOptions.
  base::Result<void> start(std::function<base::Result<void>(const asl::Program&)> can_go_on = {});

  // What the store holds, before start() too.
  const reading::Query& query() const;
  // After start().
  running::Host& host();
  // From open() on.
  lambda::FunctionPool& functions() const;
  // Gives functions and services that trace themselves a moment to send what they still hold:
  // returns at once when nobody does, after five seconds at most.
  void wait_for_spans();
  // Lambda's shutdown phase: asks the functions' processes to end, gives them five seconds for it
  // (what their tracing libraries hold comes then), and takes in what they sent and printed. No
  // function is called afterwards.
  void end_functions();
  // What functions sent and printed since start(), and what became of it.
  telemetry::IntakeCounts telemetry_counts() const;
  // Processes that end_functions() had to kill.
  uint64_t functions_killed() const;
  // Sends what `exports` still hold, for a few seconds at most, and ends them: what ends later is
  // not pushed. A sentence for each that missed something.
  std::vector<std::string> finish_exports();
  // Waits until the columns of the Map Runs that have ended are in files (reading/column_files.h):
  // false when `time` came first.
  bool wait_for_columns(std::chrono::steady_clock::time_point time);
  uint16_t port() const;
  // "http://127.0.0.1:9338"
  const std::string& url() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::server

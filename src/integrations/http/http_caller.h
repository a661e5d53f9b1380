#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/time.h"
#include "integrations/http/connection.h"
#include "integrations/http/destinations.h"
#include "integrations/http/http_answer.h"
#include "integrations/task.h"
#include "net/client.h"
#include "sync/mutex.h"

namespace weft::http {

// Calls at once; more wait in order. Each has a connection, so a file descriptor.
inline constexpr size_t kCallsMax = 1'000;

struct CallerOptions {
  std::string region;
  std::vector<Connection> connections;
  Destinations destinations;
  size_t calls_max = kCallsMax;
  size_t response_bytes = base::kStateDataBytesMax;
};

// How a call ended, and when: it waited, then ran.
struct CallResult {
  HttpOutcome outcome;
  std::optional<net::Response> response;  // only of calls that asked for it
  base::UnixMs started_ms = 0;
  int64_t queued_us = 0;
  int64_t run_us = 0;
};

// Makes the calls of HTTP tasks. Thread-safe.
class HttpCaller {
 public:
  using Done = std::move_only_function<void(CallResult)>;

  explicit HttpCaller(CallerOptions options);
  // Shuts down.
  ~HttpCaller();

  // Starts or queues a call and returns at once. `trace` is added unless the task's headers hold a
  // trace context of their own. `done` runs once, on the caller's thread, and must not block.
  // kInvalidArgument: what is wrong with the parameters; kNotFound: no such connection. `done` is
  // not called then. `exchange` (may be null) is told what is sent, and `done` what is answered.
  base::Result<void> call(const std::string& request_id, std::string_view parameters,
                          const net::Headers& trace, Done done,
                          integrations::HttpExchange* exchange = nullptr);
  // Gives up a call. Its `done` does not start afterwards. Unknown ids are ignored.
  void cancel(const std::string& request_id);
  // Drops all calls; no `done` runs afterwards, and nothing may be called.
  void shutdown();

 private:
  struct Call;

  const Connection* find(std::string_view arn) const;
  void begin(const std::shared_ptr<Call>& call) WEFT_REQUIRES(mutex_);
  void begin_waiting() WEFT_REQUIRES(mutex_);
  void finish(const std::shared_ptr<Call>& call, base::Result<net::Response> response);

  const CallerOptions options_;
  sync::Mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Call>> calls_
      WEFT_GUARDED_BY(mutex_);  // by request id
  std::deque<std::shared_ptr<Call>> waiting_
      WEFT_GUARDED_BY(mutex_);  // holds cancelled ones until their turn comes
  size_t running_ WEFT_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<net::HttpClient> client_;
};

}  // namespace weft::http

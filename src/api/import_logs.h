#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "aws/answer.h"
#include "net/http.h"
#include "net/worker_pool.h"
#include "running/host.h"

namespace weft::api {

inline constexpr std::string_view kImportLogsPath = "/_weft/v1/import/logs";

// The members of an ImportReport, as /_weft/v1/import/logs and `weft import --json` print them.
void add_report(const importing::ImportReport& report, aws::Answer& answer);

// POST /_weft/v1/import/logs: log events of Step Functions, in whatever CloudWatch Logs and
// Firehose deliver (cloudwatch/log_reader.h), become executions of this host. What a request tells
// is durable when it is answered, and may be completed by any later one: nothing is kept in memory
// between two. Requests are worked on one after another, on a thread of its own.
//
// Answers: requests of Firehose as it demands (Amazon Data Firehose guide, "HTTP endpoint delivery
// request and response specifications"), all others with counts; both 400 when nothing in them was
// an event, 413 above a limit, 503 with Retry-After when too much waits.
class LogImport {
 public:
  // One body as sent; what its gzip parts unpack to; events in it; bodies that wait.
  static constexpr uint64_t kBodyBytesMax = 64u << 20;
  static constexpr uint64_t kUnpackedBytesMax = 128u << 20;
  static constexpr uint64_t kEventsMax = 250'000;
  static constexpr uint64_t kWaitingBytesMax = 128u << 20;

  // `host` outlives the import.
  explicit LogImport(running::Host& host) : host_(host) {}

  // Answers on its own thread. Any thread; does not block.
  void handle(net::Request request, net::Responder responder);
  // Answers at once, blocking.
  net::Response answer(net::Request request);

  // {"requests":..,"refused":..,"events":..,"rejected":..} since the start.
  std::string counts_json() const;

 private:
  net::Response import_body(const net::Request& request, std::string_view body);

  running::Host& host_;
  std::atomic<uint64_t> waiting_bytes_ = 0;
  std::atomic<uint64_t> requests_ = 0;
  std::atomic<uint64_t> refused_ = 0;
  std::atomic<uint64_t> events_ = 0;
  std::atomic<uint64_t> rejected_ = 0;
  net::WorkerPool thread_{1};  // last: it works with all of the above
};

}  // namespace weft::api

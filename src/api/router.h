#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "metrics/registry.h"
#include "net/http.h"
#include "net/worker_pool.h"
#include "running/host.h"
#include "trace/redact.h"

namespace weft::api {

// What Weft's pages show of the telemetry that functions sent. Both may be empty; any thread.
struct TelemetryPages {
  std::function<std::string()> counts_json;             // an object, for /_weft/health
  std::function<void(metrics::Registry&)> add_metrics;  // for /metrics
};

// The threads that work on requests, apart so that none waits for another kind: what reads a few
// records, what changes something and waits for the disk, what may take long (definitions of a
// mebibyte, long histories), and the query API, which gives way to all that runs.
struct ApiThreads {
  net::WorkerPool reads{4};
  net::WorkerPool changes{8};
  net::WorkerPool heavy{2};
  net::WorkerPool queries{4, net::Priority::kBelow};
};

// Who may read the store as it is (`/_weft/v1/store/page`) and bring in executions
// (`/_weft/v1/import/logs`): whoever sends the token as `Authorization: Bearer TOKEN`, or as
// Firehose's access key. Others are answered with 401, which names the data directory in
// `Weft-Data-Directory`: the token lies there.
struct PrivateAccess {
  std::string token;  // "": nobody
  std::string data_directory;
};

// Answers the Step Functions API (`X-Amz-Target: AWSStepFunctions.<Operation>`, AWS JSON 1.0;
// signatures are not checked) and Weft's own pages under `/_weft/`. `host` and `threads` must
// outlive the handler. `payloads` is what the query API shows of payloads; the Step Functions API
// shows them whole. Put it behind net::guarded().
net::Handler make_api_handler(running::Host& host, ApiThreads& threads,
                              TelemetryPages telemetry = {}, trace::Redactor payloads = {},
                              PrivateAccess access = {});

// True for requests that make_api_handler() answers; all others belong to other services on the
// same port.
bool is_api_request(const net::Request& request);
// How many bytes the body of such a request may have.
uint64_t api_body_limit(const net::Request& request);

}  // namespace weft::api

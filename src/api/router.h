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

// Answers the Step Functions API (`X-Amz-Target: AWSStepFunctions.<Operation>`, AWS JSON 1.0;
// signatures are not checked) and Weft's own pages under `/_weft/`. Operations run on `pool`; both
// arguments must outlive the handler. `payloads` is what the query API shows of payloads; the Step
// Functions API shows them whole. Put it behind net::guarded().
net::Handler make_api_handler(running::Host& host, net::WorkerPool& pool,
                              TelemetryPages telemetry = {}, trace::Redactor payloads = {});

// True for requests that make_api_handler() answers; all others belong to other services on the
// same port.
bool is_api_request(const net::Request& request);
// How many bytes the body of such a request may have.
uint64_t api_body_limit(const net::Request& request);

}  // namespace weft::api

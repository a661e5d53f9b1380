#pragma once

#include <string_view>

#include "net/http.h"
#include "reading/measured_history.h"
#include "reading/run_columns.h"
#include "running/host.h"
#include "trace/redact.h"

namespace weft::api {

inline constexpr std::string_view kQueryPrefix = "/_weft/v1/";

// What went wrong, as the query API answers it: {"error":{"code","message"}}.
net::Response query_error(int status, std::string_view code, std::string_view message);
net::Response query_error(const base::Error& error);

// The query API: GET /_weft/v1/..., JSON, what docs/reference/query-api.md describes. Thread-safe;
// blocking.
class QueryApi {
 public:
  explicit QueryApi(running::Host& host, trace::Redactor payloads = {})
      : host_(host), payloads_(std::move(payloads)) {}

  // True for paths that answer() knows.
  static bool knows(std::string_view path);
  // Compressed when the client accepts gzip; with an ETag, and 304 when the client has it already.
  net::Response answer(const net::Request& request);

 private:
  running::Host& host_;
  const trace::Redactor payloads_;
  reading::RunColumns columns_;
  reading::MeasuredRuns measured_;
};

}  // namespace weft::api

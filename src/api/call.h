#pragma once

#include <expected>
#include <memory>

#include "api/members.h"
#include "aws/json_protocol.h"
#include "json/arena.h"
#include "net/http.h"
#include "running/host.h"
#include "running/task_callbacks.h"

namespace weft::api {

// One request on its way through an operation. Lives on one worker thread.
struct Call {
  running::Host& host;
  const reading::Query& query;
  const net::Headers& headers;                  // the request's
  std::shared_ptr<net::Connection> connection;  // may be null
  Members in;
  json::Arena& arena;  // owns the request's JSON; answers are built in it
};

// Whether whoever asked has closed the connection: nobody reads the answer. What changes nothing
// then ends at its next turn with `nobody_waits()`.
inline bool has_left(const std::shared_ptr<net::Connection>& connection) {
  return connection != nullptr && connection->is_gone();
}
std::unexpected<aws::Fault> nobody_waits();

// What answers tasks; kUnavailable where the host runs nothing.
base::Result<running::TaskCallbacks*> task_callbacks(Call& call);

// AWS's bounds of common members, in characters (AWS Step Functions API reference).
inline constexpr size_t kArnCharsMax = 256;
inline constexpr size_t kMapRunArnCharsMax = 2000;
inline constexpr size_t kTokenCharsMax = 1024;
inline constexpr size_t kTaskTokenCharsMax = 2048;
inline constexpr size_t kChildTokenCharsMax = 3096;  // ListExecutions
inline constexpr int64_t kPageRowsMax = 1000;
inline constexpr size_t kPageRowsDefault = 100;

}  // namespace weft::api

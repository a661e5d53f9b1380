#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"
#include "trace/ids.h"

// Trace context on its way in (what started an execution) and out (into the functions it calls), in
// the forms of Datadog, W3C and X-Ray (docs/internals/telemetry.md).

namespace weft::trace {

// A place in a trace: what comes next hangs under `span`.
struct Context {
  TraceId trace;
  uint64_t span = 0;  // 0 = the root itself
  int priority = 1;   // sampling priority: -1 and 0 drop, 1 and 2 keep
  friend bool operator==(const Context&, const Context&) = default;
};

// The context an execution input carries: `_datadog` at the top, else the first one anywhere in
// document order. Understands tracers' ids (x-datadog-trace-id, x-datadog-parent-id,
// x-datadog-tags, else traceparent) and Step Functions' (RootExecutionId, Execution, State). Before
// these what JSONPath state machines hand on: `CONTEXT` at the top, with what their own input
// carried. Nothing when there is none or it is not usable.
std::optional<Context> context_of_input(json::Value input);

// X-Ray's `Root=1-8hex-24hex;Parent=16hex;Sampled=1`, parts in any order, unknown parts allowed.
std::optional<Context> context_of_xray(std::string_view header);

// W3C's traceparent, `00-32hex-16hex-01`.
std::optional<Context> context_of_traceparent(std::string_view header);

// Datadog's HTTP headers; `tags` is x-datadog-tags, from which the high half of the trace id is
// taken.
std::optional<Context> context_of_datadog(std::string_view trace_id, std::string_view parent_id,
                                          std::string_view priority, std::string_view tags);

// The context of the HTTP request that started an execution: Datadog's headers, else traceparent,
// else X-Amzn-Trace-Id (which AWS's SDKs send from within a function). Where Datadog's and
// traceparent are of one trace, the latter's span wins. `header` answers "" for those not there.
std::optional<Context> context_of_headers(
    const std::function<std::string_view(std::string_view name)>& header);

// For the functions: X-Ray's header, W3C's traceparent, and the client context (JSON) in which
// Datadog's Lambda libraries find their parent without any change of the payload.
std::string xray_header(const Context& context);
std::string traceparent(const Context& context);
std::string lambda_client_context(const Context& context);
// For services called by HTTP: the headers of W3C, Datadog and X-Ray. No tracestate: it would say
// nothing that the others do not.
std::vector<std::pair<std::string, std::string>> http_headers(const Context& context);

}  // namespace weft::trace

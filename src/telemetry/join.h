#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "history/event.h"
#include "telemetry/invocations.h"
#include "telemetry/traces.h"

namespace weft::telemetry {

// Spans of one execution.
struct SpanBlock {
  history::ExecutionKey key;
  std::vector<InnerSpan> spans;
};

struct Joined {
  std::vector<SpanBlock> blocks;
  size_t joined = 0;    // spans whose invocation was found
  size_t orphaned = 0;  // spans of which only the trace is ours: kept, with attempt = 0
  size_t unknown = 0;   // spans of nothing that runs here: left out
};

// Finds for each chunk the call of a function it belongs to (spec datadog.md 5.5, "join order"):
// by the request id of one of its spans, by a parent that is an attempt or a span seen before, by a
// trace id seen before, and last by the process that sent it: `sandbox_request` is the request id
// that process works on or has just answered ("" when not known). Every span then carries the
// execution's trace id and the attempt. Parents stay as they were sent: a parent may arrive later.
// Calls of the Lambda Runtime API are left out.
Joined join(std::vector<Chunk> chunks, std::string_view sandbox_request, Invocations& invocations);

}  // namespace weft::telemetry

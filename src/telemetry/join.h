#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "history/detail_key.h"
#include "history/event.h"
#include "telemetry/decode_traces.h"
#include "telemetry/held.h"
#include "telemetry/invocations.h"

namespace weft::telemetry {

// Spans of one execution.
struct SpanBlock {
  history::DetailKey key;
  std::vector<InnerSpan> spans;
};

// The request id of the call that the sending process worked on at a moment (Unix epoch), "" when
// there was none. A null function: the sender is not known. Callable from any thread.
using CallAt = std::function<std::string(int64_t epoch_ns)>;

// The call that the sending process worked on then; null when there was none, and when `trace_low`
// (0: none was sent) is the trace of another execution: what is sent late may be of a call before.
Invocations::Entry worked_on(const CallAt& call_at, int64_t time_ns, uint64_t trace_low,
                             const Invocations& invocations);

// Where the spans of one request went.
struct Joined {
  std::vector<SpanBlock> blocks;
  size_t joined = 0;    // spans whose invocation was found
  size_t orphaned = 0;  // spans of which only the trace is ours: kept, with attempt = 0
  size_t gave_way = 0;  // of the orphaned ones: they could not wait any longer, too much waited
  size_t unknown = 0;   // spans of nothing that runs here: left out
  std::vector<LogRecord> records;  // that waited for one of the joined spans
};

// Finds for each chunk the call of a function it belongs to (docs/internals/telemetry.md):
// by the request id of one of its spans, by a parent that is an attempt or a span seen before, by a
// trace id seen before, and last by the process that sent it: `call_at` tells which call that
// process worked on in the middle of the chunk's time; what is sent late may come during a later
// call. Every span then carries the execution's trace id and the attempt. Parents stay as they were
// sent: a parent may arrive later; what did not come from the process that works on the call is
// marked (trace::kClaimed). Calls of the Lambda Runtime API are left out.
//
// A chunk of which only the trace is known so far waits in `waiting` (null: nothing waits) for its
// parent, and is counted when it comes out.
Joined join(std::vector<Chunk> chunks, const CallAt& call_at, Invocations& invocations,
            Waiting* waiting = nullptr);

}  // namespace weft::telemetry

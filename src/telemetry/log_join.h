#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "history/detail_key.h"
#include "history/event.h"
#include "telemetry/invocations.h"
#include "telemetry/join.h"
#include "telemetry/log_record.h"

namespace weft::telemetry {

// Log lines of one execution.
struct LogBlock {
  history::DetailKey key;
  std::vector<trace::LogLine> lines;
};

// Where the lines of one request went.
struct JoinedLogs {
  std::vector<LogBlock> blocks;
  size_t kept = 0;
  size_t orphaned = 0;  // of the kept ones: only their trace is ours
  size_t gave_way = 0;  // of the orphaned ones: they could not wait, too much waited
  size_t cut = 0;       // beyond base::kCallLogBytesMax of their call
  size_t unknown = 0;   // of nothing that runs here: left out
};

// Finds for each record the call of a function it belongs to: by its span, or the trace id of
// another library, as for spans (join.h); else by its request id; else by the process that sent it
// and the record's time, where its trace id does not say otherwise; last, of a trace id alone, the
// execution. Records without a time get `now_ns`. What exceeds the bytes of a call is left out, and
// its first such record leaves a line with `not_kept` = 1 in its place.
//
// A record of which only the trace and a span are known, such as one of a service that an HTTP task
// called, waits in `waiting` (null: nothing waits) for that span, and is counted when it comes out:
// by join(), or by being too old.
JoinedLogs join_logs(std::vector<LogRecord> records, const CallAt& call_at, int64_t now_ns,
                     Invocations& invocations, Waiting* waiting = nullptr);

// The same for what a process printed during a call. `now_ns` is the time of lines without one.
JoinedLogs join_printed(const PrintedText& printed, int64_t now_ns, const Invocations& invocations);

}  // namespace weft::telemetry

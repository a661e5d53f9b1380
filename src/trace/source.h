#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "history/event.h"
#include "history/rows.h"
#include "trace/context.h"
#include "trace/detail.h"
#include "trace/inner_span.h"
#include "trace/span_notes.h"

// What a trace is made of. The caller reads it out of a store (or out of logs); everything in this
// folder is computed from it.

namespace weft::trace {

// One execution and all its events in order, internal ones included.
struct ExecutionTrace {
  std::string arn;
  std::string name;
  std::string machine;  // "machine" or, for a child, "machine/label"
  std::string item;     // of a child: the key of its item, of a batch of the first; may be ""
  history::ExecutionStatus status = history::ExecutionStatus::kRunning;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;  // 0 while it runs
  std::vector<history::Event> events;
  std::vector<InnerSpan> inner;        // what its functions sent, any order, possibly twice
  std::vector<ExecutionTrace> nested;  // executions that its tasks started, any order
};

// The executions above one; "" where there is none or it is not known.
struct Lineage {
  std::string parent;  // whose task or Map state started it
  std::string root;    // the outermost of those that are known
};

struct MapRunTrace {
  std::string arn;
  std::string execution_arn;  // whose Map state it is
  uint64_t number = 0;        // that of the MapRunStarted event
  std::string label;
  std::string state_name;
  history::ExecutionStatus status = history::ExecutionStatus::kRunning;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;             // 0 while it runs
  uint64_t running = 0;                 // children that run now: they have no row yet
  uint64_t pending = 0;                 // known, not started
  uint64_t unfinished = 0;              // running or pending, when nobody can tell which
  std::vector<history::ChildRow> rows;  // finished children, any order
  std::optional<DetailChoice> detail;   // nothing: all of them have full detail
  std::vector<SpanEvent> marks;         // what was changed while it ran: its limits
};

struct TraceSource {
  ExecutionTrace parent;
  // The trace it belongs to and the span it hangs under, as recorded when it started: an upstream
  // caller's, its parent's, or its own. Without one the trace is the parent's own.
  Context context;
  Lineage lineage;                    // of `parent`
  std::vector<MapRunTrace> map_runs;  // of `parent` and of what is nested in it
  std::string note;                   // a sentence about what is missing; may be empty
  base::UnixMs now_ms = 0;            // where that which still runs is cut off
  // Fetches one child of one of `map_runs`. Called for the children that are shown in detail.
  std::function<base::Result<ExecutionTrace>(const MapRunTrace&, uint64_t index)> child;
  // The Map Runs of such a child and of what is nested in it, for which `child` and `child_arn`
  // hold too. Asked when its spans have some; may be null where no child can have any.
  std::function<base::Result<std::vector<MapRunTrace>>(const ExecutionTrace& child)> map_runs_of;
  // The ARN alone, for children shown by their row.
  std::function<std::string(const MapRunTrace&, uint64_t index)> child_arn;
};

}  // namespace weft::trace

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "reading/query.h"
#include "trace/source.h"

namespace weft::reading {

// Nested executions that one trace shows; a workflow that starts itself anew for ever has no end of
// them.
inline constexpr size_t kNestedExecutionsShownMax = 1'000;

// One execution or child by its ARN, with its events and what its functions sent.
base::Result<trace::ExecutionTrace> read_execution_trace(const Query& query,
                                                         const std::string& arn);

// The same of a child of `run`, for those who ask for many.
base::Result<trace::ExecutionTrace> read_child_trace(const Query& query,
                                                     const records::MapRunRecord& run,
                                                     uint64_t index);

// What was changed while a Map Run ran, on its time axis: its limits.
std::vector<trace::SpanEvent> marks_of(const records::MapRunRecord& run);

// An execution that a task started.
struct NestedExecution {
  history::ExecutionKey key;
  std::string arn;
  history::DetailKey detail;  // where its detail is stored
};
// Those that tasks of the execution `key` started, and those nested in them, in order of key;
// kNestedExecutionsShownMax at most.
base::Result<std::vector<NestedExecution>> nested_executions(const Query& query,
                                                             history::ExecutionKey key);

// The trace that an execution or child belongs to and the span it hangs under (0: it is the root).
// Of imported ones it follows from the logs of all those around it that are known.
base::Result<trace::Context> trace_context(const Query& query, history::ExecutionKey key);

// The executions above an execution or child. Of imported ones as far as their logs are here.
base::Result<trace::Lineage> read_lineage(const Query& query, history::ExecutionKey key);

// What is missing of a child that lost its detail, or of an execution nested in one; "" of all
// others.
base::Result<std::string> note_about_detail(const Query& query, history::ExecutionKey key);

// The rows of finished children and the choice of those with full detail, kept from one reading to
// the next: of a running Map Run only the rows are read that have come since. Of one thread.
class KeptRows {
 public:
  KeptRows();
  ~KeptRows();
  // Appends the rows of `run` that there are now to `out`.
  base::Result<void> read(const Query& query, const records::MapRunRecord& run,
                          std::vector<history::ChildRow>& out);
  // Query::detail() of `run`, which read() was asked for before.
  base::Result<std::optional<trace::DetailChoice>> detail(const Query& query,
                                                          const records::MapRunRecord& run);

 private:
  struct Run {
    uint64_t revision = 0;
    uint64_t next_chunk = 0;
    std::vector<history::ChildRow> rows;
    std::unique_ptr<records::Replayed> choice;
  };
  std::map<uint64_t, Run> runs_;  // by number
};

// Reads what the trace of `arn` is made of: a top-level execution with all its Map Runs, a child
// alone, or the Map Run's parent with that Map Run only; each with the executions nested in it,
// kNestedExecutionsShownMax at most, and their Map Runs. `query` must outlive the source. What
// still runs is cut off at `now_ms`. `kept`, which outlives the source, is for those who ask again.
base::Result<trace::TraceSource> read_trace_source(const Query& query, const std::string& arn,
                                                   base::UnixMs now_ms, KeptRows* kept = nullptr);

}  // namespace weft::reading

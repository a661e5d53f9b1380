#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "arn/arn.h"
#include "base/error.h"
#include "cloudwatch/assembly.h"
#include "history/event.h"
#include "history/rows.h"
#include "importing/import.h"
#include "reading/query.h"
#include "records/records.h"
#include "store/store.h"
#include "trace/context.h"

// Where everything that an import tells of belongs, before anything is written.

namespace weft::importing {

inline constexpr std::string_view kMadeUp =
    ":unknown";  // how ARNs of Map Runs end that no event names

// A Map Run that an import touches.
struct Run {
  records::MapRunRecord record;
  std::map<uint64_t, history::ChildRow> rows;  // by index
  std::set<uint64_t> taken;                    // indexes of all known children
  // Made up for children that have found their own.
  bool is_left() const { return taken.empty() && record.arn.ends_with(kMadeUp); }
};

// An execution that an import touches.
struct Known {
  cloudwatch::AssembledExecution assembled;
  arn::StatesArn parts;
  std::optional<history::ExecutionKey> key;  // set by Placing
  uint64_t stored_events = 0;                // of earlier imports
  trace::Context trace;
  uint64_t run = 0;      // number of its Map Run; 0: top level
  bool foreign = false;  // a child of a Map Run that ran here
  base::UnixMs start_ms() const {
    return assembled.events.empty() ? 0 : assembled.events.front().time_ms;
  }
};

// What one import touches: found by Placing, written by Writing.
struct Touched {
  std::vector<Known> executions;    // by start; parents before their children
  std::map<std::string, Run> runs;  // by ARN
  store::Batch batch;               // to be removed and written
  ImportReport report;
};

// Finds the place of every execution and Map Run that lines tell of, in four phases:
//   1. collect: lines become executions, together with what earlier imports stored of them;
//      executions that ran here are left alone.
//   2. find_runs: which Map Runs there are, and which child is whose: as its line says, else the
//      last one that fits, else one made up for it, which it leaves as soon as its own is known.
//   3. give_keys: a key for each execution; children whose index is known take theirs first.
//   4. give_traces: parents hand their trace to their Map Runs, and those to their children.
// Of one thread. `target`, `store`, `query` and `touched` outlive it.
class Placing {
 public:
  Placing(const store::Store& store, ImportTarget& target, const reading::Query& query,
          Touched& touched)
      : store_(store), target_(target), query_(query), touched_(touched) {}

  void add(cloudwatch::LogEvent line);
  // After the last line, once. An error of the store, or of the target's numbers.
  base::Result<void> place();

 private:
  base::Result<void> add_waiting_children();
  base::Result<void> load_stored(const std::string& arn);
  base::Result<void> collect();
  base::Result<Run*> run_of(const std::string& arn);
  base::Result<void> load_rows(Run& run);
  base::Result<void> find_runs();
  void note_map_runs(Known& parent);
  void note_map_run_start(Known& parent, size_t at);
  base::Result<void> load_started_runs();
  std::string guess_run(const Known& child) const;
  base::Result<void> find_run(Known& child);
  base::Result<void> leave_made_up_run(Known& child, std::string& arn);
  base::Result<void> give_keys();
  base::Result<void> give_key(Known& execution);
  void give_traces();

  const store::Store& store_;
  ImportTarget& target_;
  const reading::Query& query_;
  Touched& touched_;
  cloudwatch::Assembly assembly_;
  std::set<std::string> arns_;
  std::set<std::string> started_runs_;                   // that lines tell of
  std::set<std::string> own_;                            // that ran here
  std::map<std::string, history::ExecutionKey> stored_;  // imported before
  std::map<std::string, uint64_t> stored_events_;
  std::map<std::string, int64_t> told_us_;  // how long they took by their stored events alone
  // Of earlier imports; read when a child has to guess.
  std::vector<records::MapRunRecord> stored_runs_;
};

}  // namespace weft::importing

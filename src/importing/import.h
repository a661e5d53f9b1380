#pragma once

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "cloudwatch/log_event.h"
#include "store/store.h"

// Writes executions that ran elsewhere into a store, so that everything that reads one (trace,
// history, lists, the API) shows them like its own.

namespace weft::importing {

struct ImportReport {
  uint64_t executions = 0;  // top-level ones in the lines that are stored now
  uint64_t children = 0;
  uint64_t map_runs = 0;
  uint64_t changed = 0;     // executions and children that are new or got new events
  uint64_t new_events = 0;  // not stored before
  uint64_t duplicates = 0;  // lines that said nothing new
  uint64_t own = 0;         // executions this store ran itself: left alone
  uint64_t incomplete = 0;  // events are missing before the last one known
  uint64_t running = 0;     // no end is known
  uint64_t bad_arns = 0;    // executions whose ARN is none of Step Functions
};

// Where an import writes to, and who numbers what is new in it. A store nobody works on is one by
// itself; a running host has its own (Host::import_lines).
class ImportTarget {
 public:
  virtual ~ImportTarget() = default;
  // Returns once the batch is durable.
  virtual base::Result<void> commit(store::Batch batch) = 0;
  virtual base::Result<uint64_t> new_execution_index() = 0;  // of a top-level one
  virtual base::Result<uint64_t> new_run_number() = 0;
};

// One import: any number of lines in any order, then finish(). Lines about executions imported
// before are put together with what is stored; importing the same again changes nothing.
//
// A child belongs to the Map Run its lines name; when they name none, to the one of its state
// machine and label that had started last, else to one made up for it, until its own is known. Its
// place in the Map Run and its items are those of ChildFacts, else they follow from its start and
// input. Lanes are given anew.
//
// What is incomplete is stored as it is, and completed by a later import: nothing is kept in
// memory between two. One import holds all its events, and those stored of the executions it is
// about. Not thread-safe; one import at a time.
class Import {
 public:
  // Into a store nobody else writes to. `definition`: kept with the executions when not null.
  Import(store::Store& store, base::Text definition);
  // `target` writes to `store`; both outlive the import.
  Import(const store::Store& store, ImportTarget& target, base::Text definition);
  ~Import();

  void add(cloudwatch::LogEvent line);
  // Errors: of the store. What was committed until then stays; repeating the import completes it.
  base::Result<ImportReport> finish();

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace weft::importing

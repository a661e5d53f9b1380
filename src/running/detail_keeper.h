#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "columns/sampling.h"
#include "running/ports.h"
#include "store/store.h"
#include "sync/mutex.h"
#include "trace/detail.h"

namespace weft::running {

// Holds every Map Run to its detail budget (MapRunRecord::detail_budget and detail_bytes): of the
// children beyond it, and of the executions nested in them, the spans of functions are deleted, or
// discarded when they come later. Both bounds hold for finished children in every batch. Turns and
// rows are never touched. Works on what the committer is about to write, on its thread, so that no
// turn waits for it; what it decides becomes durable with the rows it follows from, and so does
// what does not follow from them. After a crash it comes to the same choice by reading the rows
// again, in their order.
class DetailKeeper {
 public:
  // `store` outlives it.
  explicit DetailKeeper(const store::Store& store) : store_(store) {}

  // Spans and log lines of finished children that were discarded, since the start. Any thread.
  uint64_t late_spans() const { return late_spans_; }
  uint64_t late_lines() const { return late_lines_; }

  // Takes note of the rows, spans and ends in `commits`, removes the spans that came too late, and
  // returns what is to be written behind them in the same batch. A store that cannot be read ends
  // the choice for that run: it keeps all.
  store::Batch choose(std::vector<TurnCommit>& commits);

  // The choice of a Map Run that is still going on; nothing when this process has not seen a row of
  // it. Any thread.
  std::optional<trace::DetailChoice> choice(uint64_t run) const;
  // Finished children of an open Map Run whose place, reason and weight of 1 are final: those from
  // the `from`-th on, in the order they became so, which is the same after a crash. Nobody of a run
  // with a budget in bytes. Any thread.
  std::vector<columns::Sampler::Certain> certain(uint64_t run, size_t from) const;

 private:
  struct Place {
    store::Family family;
    uint64_t nested;
    uint64_t sequence;
  };
  struct Stored {  // spans and log lines of a child and of the executions nested in it
    std::vector<Place> places;
    uint64_t bytes = 0;
  };
  struct Run {
    Run(columns::Sampler choice, uint64_t bytes_max)
        : sampler(std::move(choice)), byte_budget(bytes_max) {}
    columns::Sampler sampler;
    std::vector<bool> finished;                  // by index
    std::unordered_map<uint64_t, Stored> spans;  // of children that still run or are kept
    const uint64_t byte_budget;                  // 0 = no bound
    uint64_t bytes = 0;                          // of the finished ones among them
    uint64_t drops = 0;                          // for their bytes, since the last row
    uint64_t pins = 0;
    bool pinnable = true;  // a whole trace that somebody asked for says nothing about one child
    uint64_t late_spans = 0;
    bool has_finished(uint64_t index) const { return index < finished.size() && finished[index]; }
  };

  Run* open_run(uint64_t number) WEFT_REQUIRES(mutex_);
  std::optional<Run> read_run(uint64_t number);
  void take_row(uint64_t number, const history::ChildRow& row, store::Batch& batch)
      WEFT_REQUIRES(mutex_);
  static void take_stored(Run& run, uint64_t index, Place place, uint64_t bytes);
  void take_spans(std::vector<StoredDetail>& spans, store::Batch& batch) WEFT_REQUIRES(mutex_);
  bool too_late(const StoredDetail& spans, store::Batch& batch) WEFT_REQUIRES(mutex_);
  void pin(uint64_t number, Run& run, uint64_t index, store::Batch& batch) WEFT_REQUIRES(mutex_);
  bool note_late(const StoredDetail& spans, uint64_t& of_run);
  void forget(uint64_t number, Run& run, store::Batch& batch) WEFT_REQUIRES(mutex_);
  void hold_bytes(uint64_t number, Run& run, store::Batch& batch) WEFT_REQUIRES(mutex_);
  void remove_decisions(uint64_t number, const Run& run, store::Batch& batch) WEFT_REQUIRES(mutex_);
  void end_run(uint64_t number, store::Batch& batch) WEFT_REQUIRES(mutex_);
  trace::DetailChoice* ended_run(uint64_t number) WEFT_REQUIRES(mutex_);
  void remember(uint64_t number, trace::DetailChoice choice) WEFT_REQUIRES(mutex_);

  const store::Store& store_;
  mutable sync::Mutex mutex_;
  // By number. Without a value: one without a budget.
  std::unordered_map<uint64_t, std::optional<Run>> runs_ WEFT_GUARDED_BY(mutex_);
  std::map<uint64_t, trace::DetailChoice> ended_
      WEFT_GUARDED_BY(mutex_);                          // the newest few, for spans that come late
  std::vector<uint64_t> gone_ WEFT_GUARDED_BY(mutex_);  // that lose their spans now
  std::multimap<uint64_t, std::string> new_pins_
      WEFT_GUARDED_BY(mutex_);  // by Map Run, the keys of those not stored yet
  std::atomic<uint64_t> late_spans_ = 0;
  std::atomic<uint64_t> late_lines_ = 0;
};

}  // namespace weft::running

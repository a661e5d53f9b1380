#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "asl/program.h"
#include "base/text.h"
#include "base/time.h"
#include "history/map_run_counts.h"
#include "history/rows.h"
#include "json/arena.h"
#include "maprun/configuration.h"
#include "maprun/lanes.h"
#include "maprun/slice.h"

// The Map Run as a state machine: pages of items in, children and counts out. Pure, like the
// engine; the runtime reads pages, stores slices and runs the children. AWS pages: "Using Map state
// in Distributed mode", "Viewing Map Runs".

namespace weft::maprun {

// ---- inputs
struct PageRead {
  std::vector<base::Text> items;  // JSON texts, in order
  std::string cursor;             // where to go on
  bool last = false;
  bool keyed = false;  // the items are {"Key", "Value"} of an object's members
};
struct ReadFailed {
  std::string error;  // "States.ItemReaderFailed"
  std::string cause;
};
struct ChildEnded {
  uint64_t index = 0;
  history::ExecutionStatus status = history::ExecutionStatus::kSucceeded;
};
// A child that was to run again did not: its run had ordered all to stop.
struct ChildReturned {
  uint64_t index = 0;
};
struct StopRun {};
// UpdateMapRun: new limits of a run at work; what is absent stays.
struct ChangeLimits {
  std::optional<uint64_t> max_concurrency;  // 0 = AWS's limit
  std::optional<uint64_t> tolerated_failure_count;
  std::optional<double> tolerated_failure_percentage;
};

// ---- actions
struct ReadPage {      // answer with PageRead or ReadFailed
  std::string cursor;  // "" = from the start
};
struct StartChild {
  uint64_t index = 0;
  uint32_t lane = 0;
  ChildInput input;
  uint32_t redrives = 0;  // it ran before, without success, and runs again for the n-th time
};
struct StopChildren {    // stop every running child
  bool aborted = false;  // the run was stopped: else it failed
};
struct Finish {  // nothing follows
  enum class Status : uint8_t { kSucceeded, kFailed, kAborted } status = Status::kSucceeded;
  std::string error;
  std::string cause;
};
using Action = std::variant<ReadPage, StartChild, StopChildren, Finish>;

struct Reaction {
  std::optional<Slice> slice;  // to be stored; the actions wait for it
  std::vector<Action> actions;
};

// What came of a child before its run was redriven, when it is to run again.
struct Earlier {
  history::ExecutionStatus status = history::ExecutionStatus::kFailed;
  uint32_t redrives = 0;
};

// One Distributed Map at work. Owned by the shard of its parent and used on that thread only. Its
// life: made new, or put together again with restore_*; begin(); then on() for each answer to its
// actions until Finish, after which it takes nothing more. It reads a page when fewer items wait
// than lanes may take, gives each child the lowest free lane, and counts items and executions so
// that total = pending + running + finished at every moment (invariants M1 to M12,
// docs/internals/invariants.md). Failures beyond what is tolerated, a failed read and StopRun make
// it wait for the running children, which it stops, before it finishes.
class MapRun {
 public:
  // `program` and `state` name the Map state (for its ItemSelector).
  MapRun(Configuration configuration, std::shared_ptr<const asl::Program> program,
         asl::StateId state, base::UnixMs start_ms);

  // What to do first, for a new run or one put together again with restore_*.
  Reaction begin();

  // Recovery, before begin(): slices in order, with what is known of their children by index
  // (nothing = not finished); then the children that had begun.
  using Finished = std::vector<std::optional<history::ExecutionStatus>>;
  // Of a redriven run, those that are to run again, by index, beside what has finished.
  using Unsuccessful = std::unordered_map<uint64_t, Earlier>;
  void restore_slice(const Slice& slice, const Finished& finished,
                     const Unsuccessful& unsuccessful = {});
  // Of a redriven run: how many children, and items, stay as they failed.
  void restore_not_redrivable(uint64_t children, uint64_t items);
  // A child that had begun: it runs on in the lane returned.
  uint32_t restore_running(uint64_t index);
  // The limits that hold by now.
  void restore_limits(const ChangeLimits& change);
  // Children of stored slices without a row, lowest first: candidates for restore_running.
  std::vector<uint64_t> unfinished() const;
  // How many items the running child holds; 0 when it does not run.
  uint32_t items_of(uint64_t index) const;

  Reaction on(PageRead page);
  Reaction on(ReadFailed failure);
  Reaction on(ChildEnded child);
  Reaction on(ChildReturned child);
  Reaction on(StopRun);
  // With fewer at once nobody is stopped: children start again when enough have ended. A tolerance
  // that is exceeded already ends the run.
  Reaction on(const ChangeLimits& change);

  const Configuration& configuration() const { return configuration_; }
  const history::MapRunCounts& executions() const { return executions_; }
  const history::MapRunCounts& items() const { return items_; }
  bool exhausted() const { return exhausted_; }
  bool finished() const { return finished_; }
  uint32_t lanes_peak() const { return lanes_.peak(); }

 private:
  enum class Mode : uint8_t { kRunning, kFailing, kAborting };
  struct Running {
    uint32_t lane = 0;
    uint32_t items = 1;
    std::optional<Earlier> earlier{};
  };
  struct Waiting {
    uint64_t index = 0;
    ChildInput input;
    std::optional<Earlier> earlier{};
  };
  // Where those that wait are counted.
  static uint64_t& waiting_in(history::MapRunCounts& counts,
                              const std::optional<Earlier>& earlier) {
    return earlier ? counts.pending_redrive : counts.pending;
  }

  // One page's items through ItemSelector and ItemBatcher; an error ends the run.
  std::optional<ReadFailed> take_items(PageRead page, Slice& slice);
  std::optional<ReadFailed> select(std::vector<base::Text>& items, bool keyed);
  std::optional<ReadFailed> add_child(std::vector<base::Text>& batch, Slice& slice);
  size_t batch_bytes(size_t item_bytes, size_t count) const;
  base::Text batch_text(const std::vector<base::Text>& batch) const;

  void continue_run(Reaction& reaction);
  void start_children(Reaction& reaction);
  // Those that were not run again stay what they were.
  void settle_unsuccessful();
  void read_more(Reaction& reaction);
  void end(Mode mode, std::string error, std::string cause, Reaction& reaction);
  bool tolerance_exceeded() const;
  void check_tolerance(Reaction& reaction);

  Configuration configuration_;
  std::shared_ptr<const asl::Program> program_;
  asl::StateId state_;
  base::UnixMs start_ms_;
  json::Arena arena_;

  Mode mode_ = Mode::kRunning;
  std::string error_;
  std::string cause_;
  bool finished_ = false;
  bool reading_ = false;
  bool exhausted_ = false;
  std::string cursor_;
  uint64_t items_read_ = 0;
  uint64_t selected_ = 0;  // items that went through the selector
  uint64_t next_index_ = 0;
  std::vector<base::Text> carry_;
  std::deque<Waiting> waiting_;  // children of stored slices that have not started
  size_t waiting_bytes_ = 0;
  std::unordered_map<uint64_t, Running> running_;
  Lanes lanes_;
  history::MapRunCounts executions_;
  history::MapRunCounts items_;
};

}  // namespace weft::maprun

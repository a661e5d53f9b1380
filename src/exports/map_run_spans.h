#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "exports/source.h"
#include "exports/span_push.h"
#include "history/rows.h"
#include "trace/child_groups.h"
#include "trace/detail.h"
#include "trace/project.h"

namespace weft::exports {

// What goes out of the children of one Map Run, and when. While the run is sure to stay within its
// detail budget each child goes soon after its end. Else who keeps detail is known when the run has
// ended: then those go, with what the groups of all children come to. Children whose place is
// certain before go then, each once. What a child started goes where the child goes: the executions
// nested in it and its Map Runs, which go by themselves only where it is sure that the child does.
// One thread.
class MapRunSpans {
 public:
  // All outlive it. `dropped` is told of children that were not sent: how many, and why when they
  // could not be read. `late` says that time is up. `run` finds another Map Run; null when it
  // cannot be read.
  struct Surroundings {
    const Source& source;
    SpanPush& push;
    std::function<void(uint64_t children, const base::Error* unreadable)> dropped;
    std::function<bool()> late;
    std::function<MapRunSpans*(uint64_t number)> run;
  };
  // kLater: the choice is made at the end, and until then nobody need tell of its children; where
  // awaits_certain(), advance() is to be called now and then.
  enum class Plan : uint8_t { kUndecided, kAtOnce, kLater };

  MapRunSpans(records::MapRunRecord record, const Surroundings& surroundings);

  // Finds out whether it belongs to the child of another Map Run. Before all others, for those that
  // are told of what ends.
  void join_outer();

  Plan plan() const { return plan_; }
  // A child has ended, and its functions' spans had time to come.
  void child_ended(const history::ChildRow& row);
  // An execution that a child started, itself or through others it started, has ended. It goes
  // with the child when it ended no later than that, else once it is known that the child goes.
  void nested_ended(const records::ExecutionRecord& nested);
  bool awaits_certain() const {
    return plan_ == Plan::kLater && !within_ && record_.detail_bytes == 0;
  }
  // Sends the children that were certain at the call before, and had time since for their
  // functions' spans to come.
  void advance();
  // The run has; all its rows and its choice are stored. Nothing follows.
  void ended();
  // Whether the run had when this was made: all there is to know is stored.
  bool has_ended() const { return record_.status != records::MapRunStatus::kRunning; }
  // Children, and executions started by them, that wait for the plan.
  uint64_t held() const { return held_.size() + outliving_.size(); }

 private:
  // What is said of all that goes with one child.
  struct Below {
    double weight = 1;       // children that it stands for
    base::UnixMs as_of = 0;  // the child's end: executions that ended later go when they do
  };
  // An execution that a child started and that ended after it.
  struct Outliving {
    records::ExecutionRecord execution;
    uint64_t index = 0;  // of the child
    Below below;         // without the child's own weight
  };

  bool lets_go(uint64_t inner);
  void decide();
  void push_chosen(const std::optional<Below>& around);
  bool push_child(const history::ChildRow& row, const std::optional<trace::DetailChoice>& choice,
                  const std::optional<Below>& around);
  void push_groups(const trace::ChildGroups& groups, double weight);
  void push_nested_of(uint64_t index, const Below& below);
  void push_execution(const records::ExecutionRecord& execution, const Below& below);
  void push_run(const std::string& arn, const Below& below);
  void outlived(Outliving one);
  void hand_on(Outliving one);
  static bool weigh(const trace::DetailChoice& choice, Outliving& one);
  void push_outliving(const trace::DetailChoice& choice);
  std::optional<base::UnixMs> end_of_child(uint64_t index);
  base::Result<trace::ExecutionTrace> read_child(uint64_t index) const;
  base::Result<trace::DetailChoice> choice() const;

  static constexpr size_t kOutlivingMax = 10'000;

  const records::MapRunRecord record_;
  const Surroundings around_;
  trace::Placement placement_;
  Plan plan_ = Plan::kUndecided;
  // The child of another Map Run that this one belongs to, and goes with; nothing where it goes by
  // itself.
  std::optional<history::ExecutionKey> within_;
  std::vector<history::ChildRow> held_;             // at most the budget
  std::deque<columns::Sampler::Certain> settling_;  // certain since the last advance()
  std::unordered_set<uint64_t> sent_;               // certain ones, by index
  std::vector<Outliving> outliving_;                // at most kOutlivingMax
  std::unordered_map<uint64_t, bool> inner_;        // see lets_go(); of children that run
};

}  // namespace weft::exports

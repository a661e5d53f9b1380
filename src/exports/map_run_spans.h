#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
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
// certain before go then, each once. One thread.
class MapRunSpans {
 public:
  // All outlive it. `dropped` is told of children that were not sent: how many, and why when they
  // could not be read. `late` says that time is up.
  struct Surroundings {
    const Source& source;
    SpanPush& push;
    std::function<void(uint64_t children, const base::Error* unreadable)> dropped;
    std::function<bool()> late;
  };
  // kLater: the choice is made at the end, and until then nobody need tell of its children; where
  // awaits_certain(), advance() is to be called now and then.
  enum class Plan : uint8_t { kUndecided, kAtOnce, kLater };

  MapRunSpans(runtime::MapRunRecord record, const Surroundings& surroundings);

  Plan plan() const { return plan_; }
  // A child has ended, and its functions' spans had time to come.
  void child_ended(const history::ChildRow& row);
  // An execution that a child started, itself or through others it started, has ended. It goes
  // with the child when it ended no later than that, else once it is known that the child goes.
  void nested_ended(const runtime::ExecutionRecord& nested);
  bool awaits_certain() const { return plan_ == Plan::kLater && record_.detail_bytes == 0; }
  // Sends the children that were certain at the call before, and had time since for their
  // functions' spans to come.
  void advance();
  // The run has; all its rows and its choice are stored. Nothing follows.
  void ended();
  // Whether the run had when this was made.
  bool has_ended() const { return record_.status != runtime::MapRunStatus::kRunning; }
  // Children, and executions started by them, that wait for the plan.
  uint64_t held() const { return held_.size() + outliving_.size(); }

 private:
  void decide();
  bool push_child(const history::ChildRow& row, const std::optional<trace::DetailChoice>& choice);
  void push_nested_of(const trace::ExecutionTrace& child, uint64_t index, double weight);
  void push_outliving(const trace::DetailChoice& choice);
  void push_nested(const runtime::ExecutionRecord& nested, double weight);
  void push_groups(const trace::ChildGroups& groups);
  base::Result<trace::ExecutionTrace> read_child(uint64_t index) const;

  static constexpr size_t kOutlivingMax = 10'000;

  const runtime::MapRunRecord record_;
  const Surroundings around_;
  trace::Placement placement_;
  Plan plan_ = Plan::kUndecided;
  std::vector<history::ChildRow> held_;             // at most the budget
  std::deque<columns::Sampler::Certain> settling_;  // certain since the last advance()
  std::unordered_set<uint64_t> sent_;               // certain ones, by index
  // Started by children and ended after them; at most kOutlivingMax.
  std::vector<runtime::ExecutionRecord> outliving_;
};

}  // namespace weft::exports

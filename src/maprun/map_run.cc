#include "maprun/map_run.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"

namespace weft::maprun {
namespace {

// M1: every item and every child is in one state, so the counts of the states add up to the total.
void check_sums(const history::MapRunCounts& executions, const history::MapRunCounts& items) {
  WEFT_CHECK(executions.adds_up());
  WEFT_CHECK(items.adds_up());
}

}  // namespace

MapRun::MapRun(Configuration configuration, std::shared_ptr<const asl::Program> program,
               asl::StateId state, base::UnixMs start_ms)
    : configuration_(std::move(configuration)),
      program_(std::move(program)),
      state_(state),
      start_ms_(start_ms) {}

Reaction MapRun::begin() {
  Reaction reaction;
  check_tolerance(reaction);  // a restored run may have been about to fail
  continue_run(reaction);
  return reaction;
}

void MapRun::restore_slice(const Slice& slice, const Finished& finished,
                           const Unsuccessful& unsuccessful) {
  // M3: children have the indexes 0, 1, 2 without gaps: slices follow one another, each read once.
  WEFT_CHECK(slice.first_index == next_index_);
  // M4: the reader only moves on.
  WEFT_CHECK(slice.items_read >= items_read_ && slice.items_read <= base::kMapRunItemsMax);
  for (size_t i = 0; i < slice.children.size(); ++i) {
    const ChildInput& child = slice.children[i];
    const uint64_t index = slice.first_index + i;
    ++executions_.total;
    items_.total += child.items;
    if (index < finished.size() && finished[index]) {
      ++executions_.ended(*finished[index]);
      items_.ended(*finished[index]) += child.items;
      continue;
    }
    std::optional<Earlier> earlier;
    if (const auto before = unsuccessful.find(index); before != unsuccessful.end())
      earlier = before->second;
    waiting_.push_back({index, child, earlier});
    waiting_bytes_ += child.input.size();
    ++waiting_in(executions_, earlier);
    waiting_in(items_, earlier) += child.items;
  }
  next_index_ = slice.first_index + slice.children.size();
  carry_ = slice.carry;
  cursor_ = slice.cursor;
  items_read_ = slice.items_read;
  selected_ = slice.items_read;
  exhausted_ = slice.last;
  check_sums(executions_, items_);
}

void MapRun::restore_not_redrivable(uint64_t children, uint64_t items) {
  executions_.failures_not_redrivable = children;
  items_.failures_not_redrivable = items;
}

uint32_t MapRun::items_of(uint64_t index) const {
  const auto found = running_.find(index);
  return found == running_.end() ? 0 : found->second.items;
}

uint32_t MapRun::restore_running(uint64_t index) {
  const auto found = std::ranges::lower_bound(waiting_, index, {}, &Waiting::index);
  // M5: a child that runs was waiting: none starts twice.
  WEFT_CHECK(found != waiting_.end() && found->index == index);
  const Running child{
      .lane = lanes_.take(), .items = found->input.items, .earlier = found->earlier};
  waiting_bytes_ -= found->input.input.size();
  waiting_.erase(found);
  const bool fresh = running_.emplace(index, child).second;
  WEFT_CHECK(fresh);  // M5
  --waiting_in(executions_, child.earlier);
  ++executions_.running;
  waiting_in(items_, child.earlier) -= child.items;
  items_.running += child.items;
  return child.lane;
}

std::vector<uint64_t> MapRun::unfinished() const {
  std::vector<uint64_t> indexes;
  indexes.reserve(waiting_.size());
  for (const Waiting& child : waiting_) indexes.push_back(child.index);
  return indexes;
}

Reaction MapRun::on(PageRead page) {
  Reaction reaction;
  reading_ = false;
  if (mode_ != Mode::kRunning || finished_) {
    continue_run(reaction);
    return reaction;
  }
  const uint64_t limit =
      configuration_.max_items == 0 ? base::kMapRunItemsMax : configuration_.max_items;
  WEFT_CHECK(items_read_ <= base::kMapRunItemsMax);  // M4
  if (items_read_ + page.items.size() >= limit) {
    page.items.resize(limit - items_read_);
    page.last = true;
  }
  items_read_ += page.items.size();
  cursor_ = std::move(page.cursor);
  exhausted_ = page.last;

  Slice slice;
  slice.first_index = next_index_;
  if (auto failure = take_items(std::move(page), slice)) {
    end(Mode::kFailing, failure->error, failure->cause, reaction);
    return reaction;
  }
  slice.cursor = cursor_;
  slice.carry = carry_;
  slice.items_read = items_read_;
  slice.last = exhausted_;
  for (size_t i = 0; i < slice.children.size(); ++i) {
    const ChildInput& child = slice.children[i];
    waiting_.push_back({slice.first_index + i, child});
    waiting_bytes_ += child.input.size();
    ++executions_.total;
    ++executions_.pending;
    items_.total += child.items;
    items_.pending += child.items;
  }
  next_index_ += slice.children.size();
  reaction.slice = std::move(slice);
  check_tolerance(reaction);  // the last page makes a percentage decidable
  continue_run(reaction);
  return reaction;
}

Reaction MapRun::on(ReadFailed failure) {
  Reaction reaction;
  reading_ = false;
  // A run that ends already does so as it was to: its reading is given up, too.
  if (mode_ != Mode::kRunning || finished_) {
    continue_run(reaction);
    return reaction;
  }
  end(Mode::kFailing, std::move(failure.error), std::move(failure.cause), reaction);
  return reaction;
}

Reaction MapRun::on(ChildEnded child) {
  Reaction reaction;
  const auto found = running_.find(child.index);
  if (found == running_.end()) return reaction;
  const Running ended = found->second;
  running_.erase(found);
  // M6: a lane is given back by the child that has it.
  WEFT_CHECK(ended.lane < lanes_.peak());
  // M7: a child ends in one of the states that count.
  WEFT_CHECK(child.status != history::ExecutionStatus::kRunning);
  lanes_.give_back(ended.lane);
  --executions_.running;
  items_.running -= ended.items;
  ++executions_.ended(child.status);
  items_.ended(child.status) += ended.items;
  check_tolerance(reaction);
  continue_run(reaction);
  return reaction;
}

Reaction MapRun::on(ChildReturned child) {
  Reaction reaction;
  const auto found = running_.find(child.index);
  if (found == running_.end()) return reaction;
  const Running returned = found->second;
  running_.erase(found);
  // M12: only a child that ran before comes back unchanged, to a run that starts no more.
  WEFT_CHECK(returned.earlier.has_value() && mode_ != Mode::kRunning);
  lanes_.give_back(returned.lane);
  --executions_.running;
  items_.running -= returned.items;
  ++executions_.pending_redrive;
  items_.pending_redrive += returned.items;
  // Its input is not needed again.
  waiting_.push_back(
      {child.index, {.input = base::Text(), .items = returned.items}, returned.earlier});
  continue_run(reaction);
  return reaction;
}

void MapRun::settle_unsuccessful() {
  std::erase_if(waiting_, [&](const Waiting& child) {
    if (!child.earlier) return false;
    --executions_.pending_redrive;
    items_.pending_redrive -= child.input.items;
    ++executions_.ended(child.earlier->status);
    items_.ended(child.earlier->status) += child.input.items;
    return true;
  });
}

void MapRun::check_tolerance(Reaction& reaction) {
  if (mode_ != Mode::kRunning || !tolerance_exceeded()) return;
  end(Mode::kFailing, "States.ExceedToleratedFailureThreshold",
      "The specified tolerated failure threshold was exceeded", reaction);
}

Reaction MapRun::on(StopRun) {
  Reaction reaction;
  if (!finished_) end(Mode::kAborting, "", "", reaction);
  return reaction;
}

void MapRun::restore_limits(const ChangeLimits& change) {
  if (change.max_concurrency) configuration_.max_concurrency = *change.max_concurrency;
  if (change.tolerated_failure_count) {
    configuration_.tolerated_failure_count = change.tolerated_failure_count;
  }
  if (change.tolerated_failure_percentage) {
    configuration_.tolerated_failure_percentage = change.tolerated_failure_percentage;
  }
}

Reaction MapRun::on(const ChangeLimits& change) {
  Reaction reaction;
  if (finished_ || mode_ != Mode::kRunning) return reaction;
  restore_limits(change);
  check_tolerance(reaction);
  continue_run(reaction);
  return reaction;
}

void MapRun::end(Mode mode, std::string error, std::string cause, Reaction& reaction) {
  if (mode_ == Mode::kRunning) {
    error_ = std::move(error);
    cause_ = std::move(cause);
  }
  if (mode_ != mode && !running_.empty())
    reaction.actions.emplace_back(StopChildren{.aborted = mode == Mode::kAborting});
  mode_ = mode;
  continue_run(reaction);
}

// Either count or percentage breaks the run, each only where it was given; with neither, any
// failure does. The percentage waits until all items are known.
bool MapRun::tolerance_exceeded() const {
  const uint64_t failed = items_.failed + items_.timed_out + items_.aborted;
  if (failed == 0) return false;
  const auto& count = configuration_.tolerated_failure_count;
  const auto& percentage = configuration_.tolerated_failure_percentage;
  if (!count && !percentage) return true;
  if (count && failed > *count) return true;
  return percentage && exhausted_ && carry_.empty() &&
         static_cast<double>(failed) * 100.0 > *percentage * static_cast<double>(items_.total);
}

void MapRun::start_children(Reaction& reaction) {
  const uint64_t limit = configuration_.concurrency();
  while (!waiting_.empty() && running_.size() < limit) {
    Waiting child = std::move(waiting_.front());
    waiting_.pop_front();
    // M8: the bytes that wait are those of the children that wait: the window has a bound.
    WEFT_CHECK(waiting_bytes_ >= child.input.input.size());
    waiting_bytes_ -= child.input.input.size();
    const Running started{
        .lane = lanes_.take(), .items = child.input.items, .earlier = child.earlier};
    const bool fresh = running_.emplace(child.index, started).second;
    WEFT_CHECK(fresh);  // M5
    --waiting_in(executions_, child.earlier);
    ++executions_.running;
    waiting_in(items_, child.earlier) -= started.items;
    items_.running += started.items;
    reaction.actions.emplace_back(StartChild{child.index, started.lane, std::move(child.input),
                                             child.earlier ? child.earlier->redrives + 1 : 0});
  }
}

void MapRun::continue_run(Reaction& reaction) {
  if (finished_) return;
  if (mode_ == Mode::kRunning) {
    start_children(reaction);
    read_more(reaction);
  }
  check_sums(executions_, items_);
  // M2: a child that is pending waits here, one that runs runs here, and there are no others.
  WEFT_CHECK(executions_.pending + executions_.pending_redrive == waiting_.size());
  WEFT_CHECK(executions_.running == running_.size());
  WEFT_CHECK(executions_.total == next_index_);
  if (mode_ == Mode::kRunning && (!exhausted_ || !waiting_.empty())) return;
  if (!running_.empty()) return;
  finished_ = true;
  settle_unsuccessful();
  // M9: a run that succeeded has given every item it read to a child.
  WEFT_CHECK(mode_ != Mode::kRunning || (carry_.empty() && items_.total == items_read_));
  Finish finish;
  if (mode_ == Mode::kFailing) finish = {Finish::Status::kFailed, error_, cause_};
  if (mode_ == Mode::kAborting) finish.status = Finish::Status::kAborted;
  reaction.actions.emplace_back(std::move(finish));
}

void MapRun::read_more(Reaction& reaction) {
  if (reading_ || exhausted_ || waiting_.size() >= base::kMapRunWindowItems / 2 ||
      waiting_bytes_ >= base::kMapRunWindowBytes) {
    return;
  }
  reading_ = true;
  reaction.actions.emplace_back(ReadPage{cursor_});
}

}  // namespace weft::maprun

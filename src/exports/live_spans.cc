#include "exports/live_spans.h"

#include <algorithm>
#include <utility>

#include "exports/execution_spans.h"
#include "sync/mutex.h"

namespace weft::exports {
namespace {

using std::chrono::steady_clock;

}  // namespace

LiveSpans::LiveSpans(Destination destination, DeliveryLimits limits)
    : destination_(std::move(destination)), push_(destination_, limits) {}

void LiveSpans::start(Source source) {
  source_ = std::move(source);
  thread_ = std::thread([this] { loop(); });
}

LiveSpans::~LiveSpans() {
  finish({}, {});
  join();
}

void LiveSpans::ended(history::ExecutionKey key, const std::optional<history::ChildRow>& row) {
  const sync::MutexLock lock(mutex_);
  const auto run = open_.find(key.run);
  if (row && run != open_.end() && run->second.later) return;
  if (finishing_) {
    ++dropped_executions_;
  } else if (queue_.size() >= kQueueMax) {
    ++(row ? open_[key.run].lost : dropped_executions_);
  } else {
    queue_.push_back({.key = key, .row = row, .ready = steady_clock::now() + kSettle});
    if (queue_.size() == 1) changed_.notify_one();
  }
}

// There are few Map Runs, and much is lost with one: it always finds room.
void LiveSpans::run_ended(uint64_t run) {
  const sync::MutexLock lock(mutex_);
  if (finishing_) {
    ++dropped_executions_;
    return;
  }
  queue_.push_back({.key = {run, 0}, .map_run = true, .ready = steady_clock::now() + kSettle});
  if (queue_.size() == 1) changed_.notify_one();
}

void LiveSpans::finish(std::chrono::milliseconds patience, std::chrono::milliseconds most) {
  const auto now = steady_clock::now();
  const uint64_t dropped = push_.counts().dropped;
  const sync::MutexLock lock(mutex_);
  if (finishing_) return;
  dropped_before_ = dropped;
  finishing_ = true;
  patience_ = patience;
  end_by_at_most_ = now + most;
  end_by_ = now + patience;
  push_.stop_at(end_by_);
  changed_.notify_all();
}

// Time runs for a destination that does not take what it is sent: until then there is more of it,
// whatever reading the children takes.
void LiveSpans::note_progress() {
  const uint64_t dropped = push_.counts().dropped;
  const sync::MutexLock lock(mutex_);
  if (!finishing_ || dropped != dropped_before_) return;
  end_by_ = std::min(end_by_at_most_, steady_clock::now() + patience_);
  push_.stop_at(end_by_);
}

void LiveSpans::join() {
  if (thread_.joinable()) thread_.join();
}

LiveSpans::Counts LiveSpans::counts() const {
  const SpanPush::Counts pushed = push_.counts();
  const sync::MutexLock lock(mutex_);
  uint64_t lost = 0;
  for (const auto& [run, open] : open_) lost += open.lost;
  return {.sent_spans = pushed.sent,
          .dropped_spans = pushed.dropped,
          .dropped_executions = dropped_executions_ + lost,
          .waiting = queue_.size(),
          .last_error = pushed.last_error.empty() ? unreadable_ : pushed.last_error};
}

void LiveSpans::loop() {
  while (true) {
    if (auto ended = next()) {
      push(*ended);
      note_progress();
      continue;
    }
    if (steady_clock::now() >= advance_at_) advance_runs();
    push_.send();
    note_progress();
    const sync::MutexLock lock(mutex_);
    if (!finishing_) continue;
    if (queue_.empty() || steady_clock::now() >= end_by_) return give_up();
  }
}

// What is left when the thread ends. Children of Map Runs that go on are no
// loss where they wait for its end, which another process will see.
void LiveSpans::give_up() {
  for (const auto& [run, spans] : runs_) dropped_executions_ += spans.held();
  dropped_executions_ += queue_.size();
  queue_.clear();
}

bool LiveSpans::late() const {
  const sync::MutexLock lock(mutex_);
  return finishing_ && steady_clock::now() >= end_by_;
}

std::optional<LiveSpans::Ended> LiveSpans::next() {
  const sync::MutexLock lock(mutex_);
  while (true) {
    const auto now = steady_clock::now();
    if (finishing_ && (queue_.empty() || now >= end_by_)) return std::nullopt;
    if (push_.waiting() > 0 && now >= send_by_) return std::nullopt;
    if (!finishing_ && now >= advance_at_) return std::nullopt;
    if (!queue_.empty() && (finishing_ || now >= queue_.front().ready)) {
      Ended ended = std::move(queue_.front());
      queue_.pop_front();
      return ended;
    }
    auto wake = queue_.empty() ? steady_clock::time_point::max() : queue_.front().ready;
    if (push_.waiting() > 0) wake = std::min(wake, send_by_);
    if (!finishing_) wake = std::min(wake, advance_at_);
    if (wake == steady_clock::time_point::max()) {
      changed_.wait(mutex_);
    } else {
      changed_.wait_until(mutex_, wake);
    }
  }
}

void LiveSpans::push(const Ended& ended) {
  if (push_.waiting() == 0) send_by_ = steady_clock::now() + kLinger;
  if (ended.map_run) {
    push_run(ended.key.run);
  } else if (ended.row) {
    push_child(ended);
  } else {
    push_execution(ended.key);
  }
}

void LiveSpans::push_execution(history::ExecutionKey key) {
  const auto record = source_.query->execution_record(key);
  if (!record) return count_dropped(1, &record.error());
  if (record->detail_of.run != 0) return push_nested(*record);
  const auto pushed = push_execution_spans(source_, *record, 1, push_);
  if (!pushed) count_dropped(1, &pushed.error());
}

// What children start is decided on with them.
void LiveSpans::push_nested(const records::ExecutionRecord& record) {
  const uint64_t number = record.detail_of.run;
  const bool open = runs_.contains(number);
  MapRunSpans* run = run_of(number);
  if (run == nullptr) return count_dropped(1, nullptr);
  run->nested_ended(record);
  if (!open && run->has_ended()) runs_.erase(number);  // it knew all from the store
}

void LiveSpans::push_child(const Ended& ended) {
  MapRunSpans* run = run_of(ended.key.run);
  if (run == nullptr) return count_dropped(1, nullptr);
  run->child_ended(*ended.row);
  if (run->plan() != MapRunSpans::Plan::kLater) return;
  advance_at_ = std::min(advance_at_, steady_clock::now() + kSettle);
  const sync::MutexLock lock(mutex_);
  open_[ended.key.run] = {.later = true};
  std::erase_if(queue_, [&](const Ended& one) { return one.row && one.key.run == ended.key.run; });
}

void LiveSpans::advance_runs() {
  bool awaited = false;
  for (auto& [number, run] : runs_) {
    run.advance();
    awaited = awaited || run.awaits_certain();
  }
  advance_at_ = awaited ? steady_clock::now() + kSettle : steady_clock::time_point::max();
}

void LiveSpans::push_run(uint64_t number) {
  MapRunSpans* run = run_of(number);
  if (run == nullptr) return count_dropped(1, nullptr);
  run->ended();
  const bool at_once = run->plan() == MapRunSpans::Plan::kAtOnce;
  runs_.erase(number);
  const sync::MutexLock lock(mutex_);
  const auto open = open_.find(number);
  if (open == open_.end()) return;
  if (at_once) dropped_executions_ += open->second.lost;
  open_.erase(open);
}

// Null when it cannot be read; the error is noted.
MapRunSpans* LiveSpans::run_of(uint64_t number) {
  if (const auto known = runs_.find(number); known != runs_.end()) return &known->second;
  auto record = source_.query->map_run(number);
  if (!record) {
    count_dropped(0, &record.error());
    return nullptr;
  }
  const MapRunSpans::Surroundings around{
      .source = source_,
      .push = push_,
      .dropped = [this](uint64_t children,
                        const base::Error* unreadable) { count_dropped(children, unreadable); },
      .late =
          [this] {
            note_progress();
            return late();
          },
      .run = [this](uint64_t other) { return run_of(other); }};
  MapRunSpans& run = runs_.try_emplace(number, std::move(*record), around).first->second;
  run.join_outer();
  return &run;
}

void LiveSpans::count_dropped(uint64_t executions, const base::Error* unreadable) {
  const sync::MutexLock lock(mutex_);
  dropped_executions_ += executions;
  if (unreadable != nullptr) unreadable_ = unreadable->message;
}

}  // namespace weft::exports

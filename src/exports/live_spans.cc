#include "exports/live_spans.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/trace_source.h"
#include "trace/span_stream.h"

namespace weft::exports {
namespace {

using std::chrono::steady_clock;

// Map Runs whose facts are kept at a time.
constexpr size_t kRunsKept = 100;

// Pieces of one trace come from many executions: all go by the name of the machine, without label.
std::string_view service_of(std::string_view machine) {
  return machine.substr(0, machine.find('/'));
}

}  // namespace

LiveSpans::LiveSpans(Destination destination, DeliveryLimits limits)
    : destination_(std::move(destination)), push_(destination_, limits) {}

void LiveSpans::start(const runtime::Query& query, const trace::Redactor& payloads) {
  query_ = &query;
  payloads_ = &payloads;
  thread_ = std::thread([this] { loop(); });
}

LiveSpans::~LiveSpans() {
  finish_by(steady_clock::now());
  join();
}

void LiveSpans::ended(history::ExecutionKey key, const std::optional<history::ChildRow>& row) {
  const std::lock_guard lock(mutex_);
  if (finishing_ || queue_.size() >= kQueueMax) {
    ++dropped_executions_;
    return;
  }
  queue_.push_back({key, row, steady_clock::now() + kSettle});
  if (queue_.size() == 1) changed_.notify_one();
}

void LiveSpans::finish_by(steady_clock::time_point moment) {
  const std::lock_guard lock(mutex_);
  finishing_ = true;
  end_by_ = std::min(end_by_, moment);
  push_.stop_at(end_by_);
  changed_.notify_all();
}

void LiveSpans::join() {
  if (thread_.joinable()) thread_.join();
}

LiveSpans::Counts LiveSpans::counts() const {
  const SpanPush::Counts pushed = push_.counts();
  const std::lock_guard lock(mutex_);
  return {.sent_spans = pushed.sent,
          .dropped_spans = pushed.dropped,
          .dropped_executions = dropped_executions_,
          .waiting = queue_.size(),
          .last_error = pushed.last_error.empty() ? unreadable_ : pushed.last_error};
}

void LiveSpans::loop() {
  while (true) {
    if (auto ended = next()) {
      push(*ended);
      continue;
    }
    push_.send();
    const std::lock_guard lock(mutex_);
    if (!finishing_) continue;
    if (queue_.empty() || steady_clock::now() >= end_by_) {
      dropped_executions_ += queue_.size();
      queue_.clear();
      return;
    }
  }
}

std::optional<LiveSpans::Ended> LiveSpans::next() {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto now = steady_clock::now();
    if (finishing_ && (queue_.empty() || now >= end_by_)) return std::nullopt;
    if (push_.waiting() > 0 && now >= send_by_) return std::nullopt;
    if (!queue_.empty() && (finishing_ || now >= queue_.front().ready)) {
      Ended ended = std::move(queue_.front());
      queue_.pop_front();
      return ended;
    }
    auto wake = queue_.empty() ? steady_clock::time_point::max() : queue_.front().ready;
    if (push_.waiting() > 0) wake = std::min(wake, send_by_);
    if (wake == steady_clock::time_point::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, wake);
    }
  }
}

void LiveSpans::push(const Ended& ended) {
  if (push_.waiting() == 0) send_by_ = steady_clock::now() + kLinger;
  if (ended.row) return push_child(ended);
  auto record = query_->execution_record(ended.key);
  if (!record) return count_unreadable(record.error());
  auto execution = runtime::read_execution_trace(*query_, record->arn);
  if (!execution) return count_unreadable(execution.error());
  const trace::Placement placement{.trace = record->trace.trace.low != 0
                                                ? record->trace.trace
                                                : trace::trace_of_root(record->arn),
                                   .parent_span = record->trace.span,
                                   .now_ms = execution->stop_ms,
                                   .payloads = payloads_};
  for (const trace::Span& span : trace::project_execution(*execution, placement)) {
    push_.add(span, service_of(execution->machine));
  }
}

void LiveSpans::push_child(const Ended& ended) {
  const history::ChildRow& row = *ended.row;
  Run* run = run_of(ended.key.run);
  if (run == nullptr) return;
  const std::string_view service = run->record.machine_name;
  std::string arn = query_->child_arn(run->record, row.index);
  const bool failed = row.status != history::ExecutionStatus::kSucceeded;
  const bool detailed =
      run->detailed < kDetailedChildren || (failed && run->detailed_failures < kDetailedChildren);
  if (!detailed) return push_.add(summary_of_child(row, std::move(arn), run->placement), service);
  ++(run->detailed < kDetailedChildren ? run->detailed : run->detailed_failures);
  auto child = runtime::read_execution_trace(*query_, arn);
  if (!child) return count_unreadable(child.error());
  std::vector<trace::Span> spans = project_execution(*child, run->placement);
  add_row_facts(row, spans.front());
  for (const trace::Span& span : spans) push_.add(span, service);
}

LiveSpans::Run* LiveSpans::run_of(uint64_t number) {
  if (const auto known = runs_.find(number); known != runs_.end()) return &known->second;
  auto record = query_->map_run(number);
  if (!record) {
    count_unreadable(record.error());
    return nullptr;
  }
  if (runs_.size() >= kRunsKept) runs_.clear();
  const trace::Context& context = record->trace;
  Run run{.placement = {.trace = context.trace,
                        .parent_span = trace::high_hash(record->arn),
                        .map_child = true,
                        .payloads = payloads_}};
  if (context.trace.low == 0) run.placement.trace = trace::trace_of_root(record->execution_arn);
  run.record = std::move(*record);
  return &runs_.emplace(number, std::move(run)).first->second;
}

void LiveSpans::count_unreadable(const base::Error& error) {
  const std::lock_guard lock(mutex_);
  ++dropped_executions_;
  unreadable_ = error.message;
}

}  // namespace weft::exports

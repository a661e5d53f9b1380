#include "trace/projector.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "arn/arn.h"
#include "trace/function_call.h"
#include "trace/http_call.h"
#include "trace/identity.h"
#include "trace/nested.h"

namespace weft::trace {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionStatus;

int64_t us(base::UnixMs time) { return time * 1'000; }

ExecutionStatus status_of_outcome(EventType type) {
  using enum EventType;
  bool timed_out =
      type == kTaskTimedOut || type == kLambdaFunctionTimedOut || type == kActivityTimedOut;
  return timed_out ? ExecutionStatus::kTimedOut : ExecutionStatus::kFailed;
}

// "Task" of TaskStateEntered.
std::string state_type(EventType type) {
  std::string_view name = history::to_string(type);
  return std::string(name.substr(0, name.find("State")));
}

}  // namespace

Projector::Projector(const ExecutionTrace& execution, const Placement& placement)
    : execution_(execution), placement_(placement) {
  root_ = open_execution(us(execution.start_ms));
  threads_[0].owner = root_;
}

Projector::NodeId Projector::open_execution(int64_t start_us) {
  const SpanKind kind = placement_.map_child ? SpanKind::kChild : SpanKind::kExecution;
  const NodeId id = open(kind, kNone, execution_.name, start_us);
  Node& node = nodes_[id];
  node.number = static_cast<uint32_t>(redrives_);
  node.span.resource = execution_.arn;
  node.span.attributes = identity_of_execution(execution_, placement_);
  if (redrives_ > 0 || !placement_.map_child) {
    node.span.attributes.emplace_back("redrive_count", std::to_string(redrives_));
  }
  return id;
}

Projector::NodeId Projector::open(SpanKind kind, NodeId parent, std::string name,
                                  int64_t start_us) {
  NodeId id = nodes_.size();
  Node& node = nodes_.emplace_back();
  node.parent = parent;
  node.redrive = redrives_;
  node.span.kind = kind;
  node.span.name = std::move(name);
  node.span.start_us = start_us;
  node.span.status = ExecutionStatus::kRunning;
  if (parent != kNone) nodes_[parent].children.push_back(id);
  return id;
}

void Projector::close(NodeId id, int64_t end_us, ExecutionStatus status) {
  if (id == kNone || !nodes_[id].open) return;
  Node& node = nodes_[id];
  node.open = false;
  node.span.duration_us = std::max<int64_t>(0, end_us - node.span.start_us);
  node.span.status = status;
}

// Children stand behind their parents, so one pass in order of opening finds all descendants.
void Projector::close_below(NodeId ancestor, int64_t end_us, ExecutionStatus status) {
  std::vector<bool> below(nodes_.size() - ancestor);
  below[0] = true;
  for (NodeId id = ancestor + 1; id < nodes_.size(); ++id) {
    NodeId parent = nodes_[id].parent;
    below[id - ancestor] = parent != kNone && parent >= ancestor && below[parent - ancestor];
    if (below[id - ancestor]) close(id, end_us, status);
  }
}

// AWS writes no event when a branch ends: it ends with its last state.
void Projector::close_branches(NodeId parallel, int64_t end_us) {
  for (NodeId id : nodes_[parallel].children) {
    Node& branch = nodes_[id];
    if (branch.span.kind != SpanKind::kBranch || !branch.open || branch.children.empty()) continue;
    const Node& last = nodes_[branch.children.back()];
    close(id, last.open ? end_us : last.span.end_us(), last.span.status);
  }
}

Projector::Thread& Projector::thread_of(const Event& event) {
  const auto known = threads_.find(event.scope);
  Thread& thread = known == threads_.end() ? begin_thread(event) : known->second;
  if (thread.redrive != redrives_) resume(thread, event);
  return thread;
}

Projector::Thread& Projector::begin_thread(const Event& event) {
  Thread& thread = threads_[event.scope];
  thread.owner = root_;
  thread.redrive = redrives_;
  const auto found = forks_.find(event.previous_id);
  // The event that entered a Parallel state may be missing.
  if (found != forks_.end() && found->second.node != kNone) {
    Fork& fork = found->second;
    thread.owner = again(fork.node, us(event.time_ms));
    if (fork.parallel) {
      std::string name = fmt::format("branch {}", fork.branches);
      thread.owner = open(SpanKind::kBranch, thread.owner, std::move(name), us(event.time_ms));
      nodes_[thread.owner].number = fork.branches++;
    }
  }
  return thread;
}

void Projector::enter_state(const Event& event) {
  Thread& thread = thread_of(event);
  if (thread.left != kNone) {
    nodes_[thread.left].span.attributes.emplace_back("next_state", event.name);
    thread.left = kNone;
  }
  thread.state = open(SpanKind::kState, thread.owner, event.name, us(event.time_ms));
  thread.attempt = kNone;
  thread.wait = kNone;
  thread.attempts = 0;
  Node& node = nodes_[thread.state];
  node.entered = base::format_iso_ms(event.time_ms);
  node.span.attributes = {{"state_type", state_type(event.type)},
                          {"state_entered_time", node.entered}};
  add_attributes(thread.state, identity_of_state(execution_, placement_.map_child, event.name));
  add_payload(thread.state, "input", event.text);
}

void Projector::exit_state(const Event& event) {
  Thread& thread = thread_of(event);
  if (thread.state == kNone) return;
  close_branches(thread.state, us(event.time_ms));
  Span& span = nodes_[thread.state].span;
  bool caught = nodes_[thread.state].failed || !span.error.empty();
  if (caught) span.attributes.emplace_back("error.caught", "true");
  add_payload(thread.state, "output", event.text);
  ExecutionStatus status = caught ? ExecutionStatus::kFailed : ExecutionStatus::kSucceeded;
  close_below(thread.state, us(event.time_ms), status);
  close(thread.state, us(event.time_ms), status);
  thread.left = std::exchange(thread.state, kNone);
}

void Projector::add_payload(NodeId id, std::string_view name, const base::Text& payload) {
  const Redactor* payloads = placement_.payloads;
  if (payloads == nullptr || !payloads->shows_payloads() || payload.is_null() || payload.empty()) {
    return;
  }
  nodes_[id].span.attributes.emplace_back(name, payloads->apply(payload.view()));
}

void Projector::add_attributes(NodeId id, Attributes&& more) {
  auto& attributes = nodes_[id].span.attributes;
  std::ranges::move(more, std::back_inserter(attributes));
}

void Projector::end_wait(const Event& event) {
  close(thread_of(event).wait, us(event.time_ms), ExecutionStatus::kSucceeded);
}

void Projector::schedule(const Event& event) {
  Thread& thread = thread_of(event);
  if (thread.state == kNone) return;
  end_wait(event);
  std::string name = fmt::format("attempt {}", thread.attempts + 1);
  thread.attempt = open(SpanKind::kAttempt, thread.state, std::move(name), us(event.time_ms));
  Node& node = nodes_[thread.attempt];
  node.number = thread.attempts++;
  node.span.resource = event.resource_type.empty()
                           ? event.resource
                           : fmt::format("{}:{}", event.resource_type, event.resource);
  if (std::string function = function_called(event); !function.empty()) {
    node.span.attributes.emplace_back("function", std::move(function));
  }
  node.span.attributes.emplace_back("retry_count", std::to_string(node.number));
  add_attributes(thread.attempt, http_request(event));
  if (event.type == EventType::kActivityScheduled) {
    thread.wait = open(SpanKind::kTokenWait, thread.attempt, "waiting for activity worker",
                       us(event.time_ms));
  }
}

// Until then it waited for a place in the service.
void Projector::start_attempt(const Event& event) {
  const NodeId attempt = thread_of(event).attempt;
  if (attempt == kNone) return;
  Span& span = nodes_[attempt].span;
  if (event.type == EventType::kActivityStarted) {
    end_wait(event);
    if (!event.name.empty()) span.attributes.emplace_back("worker", event.name);
  }
  const int64_t waited_us = us(event.time_ms) - span.start_us;
  if (waited_us <= 0 || span.number("schedule_time_ns") > 0) return;
  span.numbers.emplace_back("schedule_time_ns", static_cast<double>(waited_us) * 1'000);
}

// The call has taken the token along; from now on it is up to whoever got it.
void Projector::submit_attempt(const Event& event) {
  Thread& thread = thread_of(event);
  if (thread.attempt == kNone || !event.resource.ends_with(".waitForTaskToken")) return;
  add_invocation(thread.attempt, event);
  thread.wait =
      open(SpanKind::kTokenWait, thread.attempt, "waiting for a task token", us(event.time_ms));
}

void Projector::name_nested(const Event& event) {
  const NodeId attempt = thread_of(event).attempt;
  if (attempt == kNone) return;
  std::string arn = nested_execution_of(event);
  Span& span = nodes_[attempt].span;
  if (arn.empty() || !span.attribute("nested_execution_arn").empty()) return;
  span.attributes.emplace_back("nested_execution_arn", std::move(arn));
}

void Projector::succeed_attempt(const Event& event) {
  Thread& thread = thread_of(event);
  if (thread.attempt == kNone) return;
  end_wait(event);
  add_invocation(thread.attempt, event);
  add_attributes(thread.attempt, http_answer(event));
  close(thread.attempt, us(event.time_ms), ExecutionStatus::kSucceeded);
  nodes_[thread.state].span.error.clear();
  nodes_[thread.state].span.cause.clear();
}

void Projector::fail_attempt(const Event& event) {
  Thread& thread = thread_of(event);
  note_failure(event);
  if (thread.attempt == kNone) return;
  close(thread.wait, us(event.time_ms), status_of_outcome(event.type));
  Span& attempt = nodes_[thread.attempt].span;
  attempt.error = event.error.value_or("");
  attempt.cause = event.cause.value_or("");
  add_invocation(thread.attempt, event);
  add_attributes(thread.attempt, http_answer(event));
  close(thread.attempt, us(event.time_ms), status_of_outcome(event.type));
}

// Queue, cold start and run stand one after the other and end before the outcome was recorded.
void Projector::add_invocation(NodeId attempt, const Event& event) {
  if (!event.timing || !nodes_[attempt].open) return;
  const history::InvocationTiming& timing = *event.timing;
  int64_t begin = nodes_[attempt].span.start_us;
  int64_t end = std::max(us(event.time_ms), begin);
  int64_t run_start = std::clamp(us(timing.started_ms), begin, end);
  run_start = std::max(begin, std::min(run_start, end - timing.run_us));
  int64_t cold_start = std::max(begin, run_start - timing.init_us);
  int64_t queue_start = std::max(begin, cold_start - timing.queued_us);
  ExecutionStatus status =
      event.error ? status_of_outcome(event.type) : ExecutionStatus::kSucceeded;
  if (cold_start > queue_start) {
    close(open(SpanKind::kQueue, attempt, "queue", queue_start), cold_start,
          ExecutionStatus::kSucceeded);
  }
  if (run_start > cold_start) {
    close(open(SpanKind::kColdStart, attempt, "cold start", cold_start), run_start,
          ExecutionStatus::kSucceeded);
  }
  // The call of an HTTP task is the attempt itself.
  if (event.resource_type == "http") return;
  std::string function(nodes_[attempt].span.attribute("function"));
  NodeId run =
      open(SpanKind::kLambda, attempt, function.empty() ? "function" : function, run_start);
  Span& span = nodes_[run].span;
  span.error = event.error.value_or("");
  span.cause = event.cause.value_or("");
  span.attributes = {{"cold_start", timing.init_us > 0 ? "true" : "false"},
                     {"sandbox", std::to_string(timing.sandbox)}};
  close(run, std::min(end, run_start + timing.run_us), status);
}

// The state's error until something succeeds.
void Projector::note_failure(const Event& event) {
  Thread& thread = thread_of(event);
  if (thread.state == kNone) return;
  Span& state = nodes_[thread.state].span;
  state.error = event.error.value_or("");
  state.cause = event.cause.value_or("");
}

void Projector::start_iteration(const Event& event) {
  Thread& thread = thread_of(event);
  if (thread.state == kNone) return;
  std::string name = fmt::format("{}[{}]", event.name, event.number);
  NodeId node = open(SpanKind::kIteration, thread.state, std::move(name), us(event.time_ms));
  nodes_[node].number = static_cast<uint32_t>(event.number);
  nodes_[node].span.attributes = {{"item_index", std::to_string(event.number)}};
  iterations_[{thread.state, event.number}] = node;
  forks_[event.id] = {.node = node};
}

void Projector::end_iteration(const Event& event, ExecutionStatus status) {
  Thread& thread = thread_of(event);
  auto found = iterations_.find({thread.state, event.number});
  if (found == iterations_.end()) return;
  Span& span = nodes_[found->second].span;
  if (status == ExecutionStatus::kFailed && !nodes_[found->second].children.empty()) {
    const Span& last = nodes_[nodes_[found->second].children.back()].span;
    span.error = last.error;
    span.cause = last.cause;
    nodes_[thread.state].span.error = last.error;
    nodes_[thread.state].span.cause = last.cause;
  }
  close_below(found->second, us(event.time_ms), status);
  close(found->second, us(event.time_ms), status);
}

// The state in which a branch fails is left without an event, or with Aborted when it is a Task;
// states that were cut off have had theirs.
void Projector::end_failed_branch(NodeId id, int64_t end_us) {
  if (!nodes_[id].open || nodes_[id].children.empty()) return;
  const Node& last = nodes_[nodes_[id].children.back()];
  const bool failed = last.open || last.span.status == ExecutionStatus::kFailed;
  if (!failed) return close(id, last.span.end_us(), last.span.status);
  for (NodeId node : {id, nodes_[id].parent}) {
    nodes_[node].span.error = last.span.error;
    nodes_[node].span.cause = last.span.cause;
  }
  close_below(id, end_us, ExecutionStatus::kFailed);
  close(id, end_us, ExecutionStatus::kFailed);
}

void Projector::abort_state(const Event& event) {
  const Thread& thread = thread_of(event);
  if (thread.state == kNone) return;
  // A Task whose failure ended its branch.
  const bool waits = thread.wait != kNone && nodes_[thread.wait].open;
  const bool works = thread.attempt == kNone || nodes_[thread.attempt].open;
  const bool failed = !waits && !works && !nodes_[thread.state].span.error.empty();
  const auto status = failed ? ExecutionStatus::kFailed : ExecutionStatus::kAborted;
  close_below(thread.state, us(event.time_ms), status);
  close(thread.state, us(event.time_ms), status);
}

void Projector::fail_fork(const Event& event) {
  const NodeId state = thread_of(event).state;
  if (state == kNone) return;
  nodes_[state].failed = true;
  for (NodeId child : nodes_[state].children) {
    if (nodes_[child].span.kind == SpanKind::kBranch) end_failed_branch(child, us(event.time_ms));
  }
}

// Failures before it were retried.
void Projector::succeed_fork(const Event& event) {
  const NodeId state = thread_of(event).state;
  if (state == kNone) return;
  nodes_[state].failed = false;
  nodes_[state].span.error.clear();
  nodes_[state].span.cause.clear();
}

void Projector::start_map_run(const Event& event) {
  Thread& thread = thread_of(event);
  if (thread.state == kNone) return;
  NodeId node = open(SpanKind::kMapRun, thread.state, "Map Run", us(event.time_ms));
  if (event.type == EventType::kMapRunRedriven) {
    nodes_[node].number = static_cast<uint32_t>(std::max<int64_t>(1, event.number));
  }
  nodes_[node].span.resource = event.name;
  nodes_[node].span.attributes = {
      {"map_run_arn", event.name},
      {"statemachinename", std::string(arn::machine_name_of(execution_.machine))}};
  if (nodes_[node].number > 0)
    nodes_[node].span.attributes.emplace_back("redrive_count", std::to_string(nodes_[node].number));
}

void Projector::end_map_run(const Event& event, ExecutionStatus status) {
  Thread& thread = thread_of(event);
  if (thread.state == kNone) return;
  for (NodeId child : nodes_[thread.state].children) {
    if (nodes_[child].span.kind != SpanKind::kMapRun || !nodes_[child].open) continue;
    nodes_[child].span.error = event.error.value_or("");
    nodes_[child].span.cause = event.cause.value_or("");
    close(child, us(event.time_ms), status);
  }
  if (event.error) note_failure(event);
}

void Projector::end_execution(const Event& event) {
  ExecutionStatus status = ExecutionStatus::kSucceeded;
  if (event.type == EventType::kExecutionFailed) status = ExecutionStatus::kFailed;
  if (event.type == EventType::kExecutionAborted) status = ExecutionStatus::kAborted;
  if (event.type == EventType::kExecutionTimedOut) status = ExecutionStatus::kTimedOut;
  add_payload(root_, "output", event.text);
  Span& root = nodes_[root_].span;
  root.error = event.error.value_or("");
  root.cause = event.cause.value_or("");
  const NodeId state = threads_[0].redrive == redrives_ ? threads_[0].state : kNone;
  if (state != kNone && nodes_[state].span.error.empty()) {
    nodes_[state].span.error = root.error;
    nodes_[state].span.cause = root.cause;
  }
  close_below(root_, us(event.time_ms), status);
  close(root_, us(event.time_ms), status);
}

}  // namespace weft::trace

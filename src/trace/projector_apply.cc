#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "trace/identity.h"
#include "trace/projector.h"

namespace weft::trace {

using history::Event;
using history::EventType;
using history::ExecutionStatus;

void Projector::apply(const Event& event) {
  if (history::is_state_entered(event.type)) return enter_state(event);
  if (history::is_state_exited(event.type)) return exit_state(event);
  if (history::is_terminal(event.type)) return end_execution(event);
  if (apply_work(event) || apply_fork(event)) return;
  Thread& thread = thread_of(event);
  switch (event.type) {
    case EventType::kExecutionStarted:  // may be later than the call that started it
      nodes_[root_].span.start_us = event.time_ms * 1'000;
      add_payload(root_, "input", event.text);
      break;
    case EventType::kExecutionRedriven:
      redrive(event);
      break;
    case EventType::kEvaluationFailed:
      note_failure(event);
      break;
    case EventType::kWeftRetryScheduled:
      if (thread.state == kNone) break;
      thread.wait = open(SpanKind::kWait, thread.state, "retry wait",
                         std::max<int64_t>(0, event.time_ms) * 1'000);
      nodes_[thread.wait].number = thread.attempts;
      break;
    case EventType::kTaskStateAborted:
    case EventType::kWaitStateAborted:
    case EventType::kParallelStateAborted:
    case EventType::kMapStateAborted:
      abort_state(event);
      break;
    default:
      break;
  }
}

bool Projector::apply_work(const Event& event) {
  switch (event.type) {
    case EventType::kTaskScheduled:
    case EventType::kLambdaFunctionScheduled:
    case EventType::kActivityScheduled:
      schedule(event);
      return true;
    case EventType::kTaskStarted:
    case EventType::kLambdaFunctionStarted:
    case EventType::kActivityStarted:
      start_attempt(event);
      return true;
    case EventType::kTaskSubmitted:
      name_nested(event);
      submit_attempt(event);
      return true;
    case EventType::kTaskSucceeded:
      name_nested(event);
      succeed_attempt(event);
      return true;
    case EventType::kLambdaFunctionSucceeded:
    case EventType::kActivitySucceeded:
      succeed_attempt(event);
      return true;
    default:
      if (!history::is_failed_attempt(event.type)) return false;
      fail_attempt(event);
      return true;
  }
}

bool Projector::apply_fork(const Event& event) {
  switch (event.type) {
    case EventType::kParallelStateStarted:
      end_wait(event);
      forks_[event.id] = {.node = thread_of(event).state, .parallel = true};
      return true;
    case EventType::kMapStateStarted:
      end_wait(event);
      return true;
    case EventType::kParallelStateFailed:
    case EventType::kMapStateFailed:
      fail_fork(event);
      return true;
    case EventType::kParallelStateSucceeded:
    case EventType::kMapStateSucceeded:
      succeed_fork(event);
      return true;
    case EventType::kMapIterationStarted:
      start_iteration(event);
      return true;
    case EventType::kMapIterationSucceeded:
      end_iteration(event, ExecutionStatus::kSucceeded);
      return true;
    case EventType::kMapIterationFailed:
      end_iteration(event, ExecutionStatus::kFailed);
      return true;
    case EventType::kMapIterationAborted:
      end_iteration(event, ExecutionStatus::kAborted);
      return true;
    case EventType::kMapRunStarted:
    case EventType::kMapRunRedriven:
      start_map_run(event);
      return true;
    case EventType::kMapRunSucceeded:
      end_map_run(event, ExecutionStatus::kSucceeded);
      return true;
    case EventType::kMapRunFailed:
      end_map_run(event, ExecutionStatus::kFailed);
      return true;
    case EventType::kMapRunAborted:
      end_map_run(event, ExecutionStatus::kAborted);
      return true;
    default:
      return false;
  }
}

// Of a state with several attempts or none: a Parallel or Map state is tried again as a whole.
void Projector::describe_attempts(Node& state) {
  const auto waits = std::ranges::count_if(
      state.children, [this](NodeId id) { return nodes_[id].span.kind == SpanKind::kWait; });
  if (waits > 0) state.span.attributes.emplace_back("retry_count", std::to_string(waits));
  Node* last = nullptr;
  for (NodeId id : state.children) {
    if (nodes_[id].span.kind != SpanKind::kAttempt) continue;
    last = &nodes_[id];
    add_attributes(id, identity_of_state(execution_, placement_.map_child, state.span.name));
  }
  const bool caught = !state.span.attribute("error.caught").empty();
  if (caught && last != nullptr && last->span.failed()) {
    last->span.attributes.emplace_back("error.caught", "true");
  }
}

// A Task with one attempt is one span, so that what the function sends attaches to the
// state.
void Projector::merge_only_attempts() {
  for (NodeId state_id = 0; state_id < nodes_.size(); ++state_id) {
    Node& state = nodes_[state_id];
    if (state.span.kind != SpanKind::kState) continue;
    auto is_attempt = [this](NodeId id) { return nodes_[id].span.kind == SpanKind::kAttempt; };
    if (std::ranges::count_if(state.children, is_attempt) != 1) {
      describe_attempts(state);
      continue;
    }
    Node& attempt = nodes_[*std::ranges::find_if(state.children, is_attempt)];
    attempt.merged = true;
    state.span.resource = attempt.span.resource;
    state.span.attributes.insert(state.span.attributes.end(), attempt.span.attributes.begin(),
                                 attempt.span.attributes.end());
    state.span.numbers = attempt.span.numbers;
    state.children.insert(state.children.end(), attempt.children.begin(), attempt.children.end());
    for (NodeId child : attempt.children) {
      nodes_[child].parent = state_id;
    }
  }
}

// A redrive goes on where the execution stopped, without entering states anew: what was not left
// gets a span of its own in the redriven execution, beside the first one, when something happens in
// it (docs/internals/trace.md#redrives).
void Projector::redrive(const Event& event) {
  const int64_t time_us = event.time_ms * 1'000;
  close_below(root_, time_us, ExecutionStatus::kRunning);  // where its end is missing
  close(root_, time_us, ExecutionStatus::kRunning);
  redrives_ = std::max(redrives_ + 1, static_cast<uint64_t>(std::max<int64_t>(0, event.number)));
  resumed_.clear();
  root_ = open_execution(time_us);
}

void Projector::resume(Thread& thread, const Event& event) {
  const int64_t time_us = event.time_ms * 1'000;
  thread.redrive = redrives_;
  thread.owner = again(thread.owner, time_us);
  thread.state = history::is_state_entered(event.type) ? kNone : again(thread.state, time_us);
  thread.attempt = kNone;
  thread.wait = kNone;
  thread.attempts = 0;
}

// The node that stands in this redrive for one of before.
Projector::NodeId Projector::again(NodeId id, int64_t start_us) {
  if (id == kNone || nodes_[id].redrive == redrives_) return id;
  if (nodes_[id].parent == kNone) return root_;
  if (const auto known = resumed_.find(id); known != resumed_.end()) return known->second;
  const NodeId parent = again(nodes_[id].parent, start_us);
  const NodeId copy = open(nodes_[id].span.kind, parent, nodes_[id].span.name, start_us);
  resumed_.emplace(id, copy);
  const Node& before = nodes_[id];
  Node& node = nodes_[copy];
  node.entered = before.entered;
  node.number = before.number;
  node.span.attributes = before.span.attributes;
  if (node.span.kind == SpanKind::kIteration) iterations_[{parent, node.number}] = copy;
  return copy;
}

std::string Projector::key_of(const Node& node) const {
  auto attempts = [this](const Node& state) {
    return std::ranges::count_if(state.children, [this](NodeId id) {
      return nodes_[id].span.kind == SpanKind::kAttempt && !nodes_[id].merged;
    });
  };
  const auto redriven = [](uint64_t number) {
    return number == 0 ? std::string() : fmt::format("#redrive#{}", number);
  };
  const std::string& parent = node.parent == kNone ? execution_.arn : nodes_[node.parent].key;
  switch (node.span.kind) {
    case SpanKind::kExecution:
    case SpanKind::kChild:
      return execution_.arn + redriven(node.number);
    case SpanKind::kState: {
      std::string key = fmt::format("{}#{}#{}", execution_.arn, node.span.name, node.entered);
      if (attempts(node) > 1) return key + "#state" + redriven(node.redrive);
      return node.redrive > 0 ? key + fmt::format("#0#{}", node.redrive) : key;
    }
    case SpanKind::kAttempt: {
      const Node& state = nodes_[node.parent];
      std::string key = fmt::format("{}#{}#{}", execution_.arn, state.span.name, state.entered);
      if (node.number > 0 || node.redrive > 0) {
        key += fmt::format("#{}#{}", node.number, node.redrive);
      }
      return key;
    }
    case SpanKind::kMapRun:
      return node.span.resource + redriven(node.number);
    case SpanKind::kIteration:
      return fmt::format("{}#iter#{}", parent, node.number);
    default:
      return fmt::format("{}#{}#{}", parent, to_string(node.span.kind), node.number);
  }
}

void Projector::give_ids() {
  std::set<uint64_t> taken;
  for (Node& node : nodes_) {
    if (node.merged) continue;
    node.key = key_of(node);
    // Two iterations may enter one state in the same millisecond.
    for (int copy = 1; !taken.insert(node.span.span_id = high_hash(node.key)).second; ++copy) {
      node.key += fmt::format("#copy#{}", copy);
    }
    node.span.trace = placement_.trace;
    node.span.parent_id =
        node.parent == kNone ? placement_.parent_span : nodes_[node.parent].span.span_id;
  }
}

void Projector::emit(NodeId id, uint16_t depth, std::vector<Span>& out) {
  Node& node = nodes_[id];
  node.span.depth = depth;
  out.push_back(std::move(node.span));
  std::ranges::sort(node.children, {},
                    [this](NodeId child) { return std::pair(nodes_[child].span.start_us, child); });
  for (NodeId child : node.children) {
    if (!nodes_[child].merged) emit(child, static_cast<uint16_t>(depth + 1), out);
  }
}

std::vector<Span> Projector::finish() {
  int64_t end_us = placement_.now_ms * 1'000;
  if (!execution_.events.empty()) {
    end_us = std::max(end_us, execution_.events.back().time_ms * 1'000);
  }
  for (NodeId id = 0; id < nodes_.size(); ++id) close(id, end_us, ExecutionStatus::kRunning);
  merge_only_attempts();
  give_ids();
  std::vector<Span> spans;
  spans.reserve(nodes_.size());
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    if (nodes_[id].parent == kNone) emit(id, 0, spans);
  }
  return spans;
}

}  // namespace weft::trace

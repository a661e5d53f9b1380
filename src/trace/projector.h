#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trace/http_call.h"
#include "trace/project.h"

namespace weft::trace {

// Builds the spans of one execution event by event; used by project_execution() only. Spans are
// nodes of a tree, numbered as they open; ids are given at the end, because a Task's id depends on
// how many attempts it took.
class Projector {
 public:
  Projector(const ExecutionTrace& execution, const Placement& placement);

  void apply(const history::Event& event);
  std::vector<Span> finish();

 private:
  using NodeId = size_t;
  static constexpr NodeId kNone = SIZE_MAX;

  struct Node {
    Span span;
    NodeId parent = kNone;
    std::vector<NodeId> children;
    std::string key;       // what the id is the hash of
    std::string entered;   // states: State.EnteredTime
    uint32_t number = 0;   // attempts and waits: from 0; iterations and branches: position;
                           // executions and Map Runs: which redrive it is
    uint64_t redrive = 0;  // in which it ran
    bool open = true;
    bool failed = false;  // Parallel and Map states: which error it was may not be known
    bool merged = false;  // an only attempt, folded into its state
  };
  // What a branch is doing.
  struct Thread {
    NodeId owner = kNone;  // execution, iteration or branch
    NodeId state = kNone;
    NodeId attempt = kNone;
    NodeId wait = kNone;
    NodeId left = kNone;  // the state it was in before
    uint32_t attempts = 0;
    uint64_t redrive = 0;  // that its nodes are of
  };
  // An event that starts scopes: ParallelStateStarted or MapIterationStarted.
  struct Fork {
    NodeId node = kNone;  // the Parallel state or the iteration
    bool parallel = false;
    uint32_t branches = 0;
  };

  NodeId open(SpanKind kind, NodeId parent, std::string name, int64_t start_us);
  void close(NodeId node, int64_t end_us, history::ExecutionStatus status);
  void close_below(NodeId node, int64_t end_us, history::ExecutionStatus status);
  void close_branches(NodeId parallel, int64_t end_us);
  void end_failed_branch(NodeId branch, int64_t end_us);
  Thread& thread_of(const history::Event& event);
  Thread& begin_thread(const history::Event& event);

  NodeId open_execution(int64_t start_us);
  void redrive(const history::Event& event);
  void resume(Thread& thread, const history::Event& event);
  NodeId again(NodeId id, int64_t start_us);

  void enter_state(const history::Event& event);
  void exit_state(const history::Event& event);
  void end_wait(const history::Event& event);
  void schedule(const history::Event& event);
  void start_attempt(const history::Event& event);
  void submit_attempt(const history::Event& event);
  void name_nested(const history::Event& event);
  void succeed_attempt(const history::Event& event);
  void fail_attempt(const history::Event& event);
  void add_invocation(NodeId attempt, const history::Event& event);
  void note_failure(const history::Event& event);
  void add_attributes(NodeId id, Attributes&& more);
  void add_payload(NodeId node, std::string_view name, const base::Text& payload);
  void start_iteration(const history::Event& event);
  void end_iteration(const history::Event& event, history::ExecutionStatus status);
  void abort_state(const history::Event& event);
  void fail_fork(const history::Event& event);
  void succeed_fork(const history::Event& event);
  void start_map_run(const history::Event& event);
  void end_map_run(const history::Event& event, history::ExecutionStatus status);
  void end_execution(const history::Event& event);
  bool apply_work(const history::Event& event);
  bool apply_fork(const history::Event& event);

  void merge_only_attempts();
  void describe_attempts(Node& state);
  void give_ids();
  std::string key_of(const Node& node) const;
  void emit(NodeId node, uint16_t depth, std::vector<Span>& out);

  const ExecutionTrace& execution_;
  Placement placement_;
  uint64_t redrives_ = 0;
  NodeId root_ = kNone;               // the execution as it runs now
  std::map<NodeId, NodeId> resumed_;  // what this redrive goes on with, by what it was before
  std::vector<Node> nodes_;
  std::map<history::ScopeId, Thread> threads_;
  std::map<uint64_t, Fork> forks_;                           // by id of the event
  std::map<std::pair<NodeId, int64_t>, NodeId> iterations_;  // by Map state and index
};

}  // namespace weft::trace

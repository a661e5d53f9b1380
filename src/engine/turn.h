#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "asl/evaluate.h"
#include "asl/map_item.h"
#include "asl/program.h"
#include "engine/decide.h"
#include "engine/state.h"
#include "engine/test_state.h"
#include "history/event.h"

// One turn at work: what decide() is made of. The methods are spread over one file per state type
// (pass.cc, task.cc ...), each short enough to read beside the AWS page it follows. Not used
// outside engine/.

namespace weft::engine {

// What Weft itself found to be over the limit of 256 KiB.
enum class DataLimit : uint8_t {
  kNone,    // nothing
  kState,   // a state's own input or output: the execution ends at once
  kResult,  // the result of a task: recorded on AWS, handlers take it
};

// A state failed: AWS's error and cause, and the event that says so (previousEventId of what
// follows).
struct Failure {
  std::optional<std::string> error;
  std::optional<std::string> cause;
  uint64_t event_id = 0;
  bool heartbeat = false;  // it is a heartbeat that did not come
  DataLimit data_limit = DataLimit::kNone;
};

// Applies one input to one execution. It works on the state that it is given and collects the
// events and actions of its Decision; made, fed one input by on(), let go on by run(), emptied by
// take(), in that order and once. Not thread-safe, holds nothing beyond its call. Every change of
// the state is an event applied by commit(), so that replaying the events gives the same state.
class Turn {
 public:
  Turn(ExecutionState& state, const Surroundings& surroundings);
  Decision take() { return std::move(decision_); }

  void on(const Begin& input);
  void on(const Continue&) {}
  void on(const TaskSubmitted& input);
  void on(const ActivityStarted& input);
  void on(const TaskSucceeded& input);
  void on(const TaskFailed& input);
  void on(const TaskDeadline& input);
  void on(const WaitOver& input);
  void on(const MapRunClosed& input);
  void on(const Stop& input);
  void on(const ExecutionDeadline& input);
  void on(const Redrive& input);

  // Instead of on() and run(): test_state.h.
  void begin_test(const TestStart& start);
  void end_test(const TestOutcome& outcome);

  // Runs every scope that can go on, until all wait, the execution ends or the turn's budget is
  // used up.
  void run();
  std::string history_limit();

  // Takes one step of on(), run() or a test. Where the step meets a payload that is nested deeper
  // than is read (base::kJsonDepthMax), which an expression or a template can make, the execution
  // fails: the payload was written already, and no Catch could read it either.
  template <typename Step>
  void take_step(Step step) {
    try {
      step();
    } catch (const TooDeep&) {
      fail_too_deep();
    }
  }

 private:
  // ---- events
  history::Event event(history::EventType type, const Scope& scope, uint64_t previous_id) const;
  // Numbers the event, applies it and keeps it; returns its id.
  uint64_t commit(history::Event event);
  uint64_t commit_simple(history::EventType type, const Scope& scope, uint64_t previous_id);

  // ---- the life of a state (lifecycle.cc)
  void enter(ScopeId id);
  void start_work(ScopeId id);  // after entering, and again after a retry delay
  // Leaves the state with its result: Output and Assign are evaluated, then on to `next`.
  void leave(ScopeId id, const base::Text& result, uint64_t previous_id);
  // The same of a Pass state, whose result `values` gave: it needs no text of its own.
  void leave(ScopeId id, json::Value result, asl::Evaluation& values);
  // By Assign and Output. `result`: the output of a state without Output.
  void leave_shaped(ScopeId id, asl::Evaluation& values, const base::Text& result,
                    uint64_t previous_id);
  void leave_with(ScopeId id, base::Text output,
                  std::vector<std::pair<std::string, base::Text>> variables, asl::StateId next,
                  uint64_t previous_id);
  size_t kept_variable_bytes(const Scope& of,
                             const std::vector<std::pair<std::string, base::Text>>& assigned) const;
  void finish_scope(ScopeId id, uint64_t last_id, const Scope& scope);

  // ---- failure (failure.cc)
  void fail(ScopeId id, Failure failure, bool own_handlers = true);
  void fail_evaluation(ScopeId id, const asl::Fault& fault, bool own_handlers = true);
  void fail_execution(const Failure& failure);
  struct TooDeep {};  // thrown by parse(), from whatever evaluates in between
  void fail_too_deep();
  bool retry(Scope& scope, const Failure& failure);  // retry.cc
  bool catch_failure(Scope& scope, Failure& failure);
  // Says that a Parallel or Map state failed; the id of that event, or `previous_id` for other
  // states.
  uint64_t close_fork(ScopeId id, uint64_t previous_id);
  void abort_children(ScopeId parent, std::optional<ScopeId> except, uint64_t cause_id);
  void abort_scope(const Scope& scope, uint64_t cause_id);
  void cancel_outstanding();
  void data_limit_exceeded(ScopeId id, std::string_view what, uint64_t previous_id);

  // ---- state types, one file each
  void start_pass(Scope& scope);
  void start_choice(Scope& scope);
  void start_wait(Scope& scope);
  void start_succeed(Scope& scope);
  void start_fail(Scope& scope);
  void start_task(Scope& scope);
  void start_parallel(Scope& scope);
  void start_map(Scope& scope);
  void start_distributed_map(Scope& scope);
  void redrive_map_run(const Scope& scope);
  void start_iterations(ScopeId map, uint64_t previous_id);
  void finish_parallel(ScopeId id);
  void finish_map(ScopeId id, uint64_t iteration_succeeded_id);
  asl::Evaluated<json::Value> map_items(const Scope& scope, asl::Evaluation& values);
  std::optional<asl::Fault> check_tolerance(const asl::MapState& body, asl::Evaluation& values);
  asl::Evaluated<base::Text> iteration_input(const Scope& map, uint32_t index);
  class Context;
  class ItemContext;
  asl::Evaluated<json::Value> map_run_configuration(const Scope& scope, Context& context,
                                                    asl::Evaluation& values,
                                                    std::optional<json::Value> items);
  // The token of the task that the scope's state has out or is about to send.
  std::string token_of(const Scope& scope) const;
  // The scope that waits for this task; null when it no longer does.
  Scope* waiting_for(ScopeId id, uint32_t task);
  // A task that ended before a worker had it goes to none any more.
  void take_back(const Scope& scope);
  // A task came to nothing. `failure` says how; its event is made here, and bears `timing`.
  void task_ended(Scope& scope, Failure failure, bool timed_out,
                  const std::optional<history::InvocationTiming>& timing);

  // ---- evaluation (evaluation.cc)
  // Parsed form of a payload as a language reads it; shared within the turn.
  json::Value parse(const base::Text& text, asl::QueryLanguage language);
  asl::Evaluation evaluation(const Scope& scope, Context& context);
  // What the scope's state takes of its input.
  asl::Evaluated<base::Text> effective_input(const Scope& scope);
  // `value` as text, in the manner of the state's query language. One of more than
  // state_data_bytes_max, or `bytes_max`, is cut somewhere beyond that: the caller refuses it.
  base::Text text_of(const Scope& scope, json::Value value) const;
  base::Text text_of(const Scope& scope, json::Value value, size_t bytes_max) const;
  asl::Evaluated<base::Text> evaluate_output(const std::optional<asl::Template>& output,
                                             asl::Evaluation& evaluation,
                                             const base::Text& otherwise);
  asl::Evaluated<std::vector<std::pair<std::string, base::Text>>> evaluate_assign(
      const std::vector<asl::Assignment>& assign, asl::Evaluation& evaluation);
  std::string cause_prefix(const Scope& scope) const;

  const asl::State& state_of(const Scope& scope) const {
    return state_.program->state(scope.state);
  }
  Scope& scope(ScopeId id);

  ExecutionState& state_;
  const Surroundings& surroundings_;
  asl::Environment environment_;
  uint64_t evaluations_ = 0;
  Decision decision_;
  size_t counted_ = 0;     // of its events, for history_limit()
  size_t turn_bytes_ = 0;  // of these
  struct Parsed {
    base::Text text;  // kept alive: the value points into it
    asl::QueryLanguage language;
    json::Value value;
  };
  std::vector<Parsed> parsed_;
  int transitions_ = 0;
};

// The context object of a scope's current state, built when an expression reads it.
class Turn::Context : public asl::ContextSource {
 public:
  Context(Turn& turn, const Scope& scope) : turn_(turn), scope_(scope) {}
  json::Value context(json::Arena& arena) override;

 private:
  Turn& turn_;
  const Scope& scope_;
};

// The same while an ItemSelector runs: with Map.Item.
class Turn::ItemContext : public Turn::Context {
 public:
  ItemContext(Turn& turn, const Scope& map, const asl::MapItem& item)
      : Context(turn, map), item_(item) {}
  json::Value context(json::Arena& arena) override;

 private:
  asl::MapItem item_;
};

// The event type of a state's `what` ("Entered", "Exited", "Aborted" ...).
enum class StateEvent : uint8_t { kEntered, kExited, kAborted };
history::EventType state_event(asl::StateType type, StateEvent what);

}  // namespace weft::engine

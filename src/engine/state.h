#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "asl/program.h"
#include "base/text.h"
#include "base/time.h"
#include "history/event.h"
#include "history/rows.h"

namespace weft::engine {

using history::ScopeId;
inline constexpr ScopeId kRootScope = 0;

// What a scope is doing between turns.
enum class Waiting : uint8_t {
  kReady,     // about to enter `state` (also: right after the start)
  kTask,      // a task is out; see `task`
  kRetry,     // until due_ms, then the state's work runs again
  kWait,      // a Wait state, until due_ms
  kChildren,  // branches or iterations run
  kMapRun,    // a Map Run runs
  kAnswered,  // its task or Map Run has ended; what follows is decided in the same turn
  kRedriven,  // its state's work begins again, without being entered again
  kClosed,    // reached the end of its block; `input` holds the output
};

// A Parallel or inline Map state at work: what its branches came to so far.
struct Fork {
  uint64_t started_id = 0;        // ParallelStateStarted or MapStateStarted
  uint64_t last_finished_id = 0;  // previousEventId of what follows the last branch or iteration
  base::Text items;               // Map: JSON array of the items, or the object they are members of
  uint32_t total = 0;
  uint32_t started = 0;
  uint32_t finished = 0;
  uint32_t limit = 0;               // how many run at once
  std::vector<base::Text> results;  // by branch or item; null until finished
};

// One thread of control: the execution itself (kRootScope), a Parallel branch or an inline Map
// iteration.
struct Scope {
  ScopeId id = kRootScope;
  ScopeId parent = kRootScope;  // itself for the root
  asl::BlockId block = asl::kRootBlock;
  uint32_t position = 0;  // branch number or item index
  Waiting waiting = Waiting::kReady;
  asl::StateId state = asl::kNoState;  // the state it is in, or about to enter (kReady)
  base::Text input;                    // raw input of that state
  uint64_t entered_id = 0;             // StateEntered event; 0 while kReady
  uint64_t entered_previous_id = 0;
  base::UnixMs entered_ms = 0;
  uint64_t last_id = 0;         // previousEventId of the scope's next event
  uint32_t task = 0;            // ordinal of the task that is out, unique in the execution
  base::UnixMs due_ms = 0;      // kRetry, kWait
  base::Text task_parameters;   // of the task that is out, while a crash delivers it again
  bool task_submitted = false;  // its job has begun, its token is out, or a worker has it
  std::optional<base::UnixMs> task_deadline_ms;
  base::UnixMs task_began_ms = 0;      // when its call did, once that answered; 0: not known
  int64_t task_heartbeat_seconds = 0;  // of a task that is answered by token; 0: none are due
  uint32_t retry_count = 0;
  std::vector<uint32_t> retrier_counts;  // by retrier of the state
  std::optional<Fork> fork;
  uint64_t map_run = 0;           // that a redrive goes on with; 0: a new one is started
  uint32_t map_run_redrives = 0;  // of it
  std::vector<std::pair<std::string, base::Text>> variables;  // JSON texts
};

// What an execution is at some event: derived from its events by apply() alone.
struct ExecutionState {
  std::shared_ptr<const asl::Program> program;
  asl::BlockId root_block = asl::kRootBlock;
  history::ExecutionStatus status = history::ExecutionStatus::kRunning;
  base::UnixMs last_event_ms = 0;  // of the newest one
  base::Text input;
  base::Text output;
  std::optional<std::string> error;
  std::optional<std::string> cause;
  std::string role_arn;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;
  uint64_t last_event_id = 0;
  uint32_t tasks = 0;    // ordinals handed out
  uint32_t retries = 0;  // over all states
  ScopeId next_scope = kRootScope + 1;
  uint32_t redrives = 0;
  base::UnixMs redrive_ms = 0;  // of the last redrive
  std::vector<Scope> scopes;    // in order of creation; the root first
  // What a redrive goes on with: the branches and iterations of a state that failed, as long as it
  // was neither caught nor retried, and, once the execution has failed, all others.
  std::vector<Scope> set_aside;

  Scope* find(ScopeId id);
  const Scope* find(ScopeId id) const;
  bool closed() const { return status != history::ExecutionStatus::kRunning; }
};

// Changes `state` by one event: the only writer of execution state. Called for events just decided
// and for stored ones at recovery alike; evaluates nothing. The event must belong to this
// execution's program.
void apply(ExecutionState& state, const history::Event& event);

}  // namespace weft::engine

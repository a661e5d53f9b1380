#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "arn/arn.h"
#include "base/clock.h"
#include "columns/execution_metrics.h"
#include "engine/decide.h"
#include "engine/state.h"
#include "history/row_of_events.h"
#include "integrations/tokens/task_tokens.h"
#include "json/arena.h"
#include "maprun/map_run.h"
#include "records/records.h"
#include "running/host.h"
#include "running/ports.h"

namespace weft::running {

struct ExecutionKeyHash {
  size_t operator()(const history::ExecutionKey& key) const {
    return std::hash<uint64_t>()(key.run * 0x9E3779B97F4A7C15ULL ^ key.index);
  }
};

// What every shard of a host shares; outlives them.
struct ShardSettings {
  arn::Home identity;
  uint64_t child_name_key = 0;
  uint32_t shards = 1;
  size_t state_data_bytes_max = 0;
  uint64_t detail_budget = 0;              // of the Map Runs that begin; 0 = no bound
  uint64_t detail_bytes = 0;               // the same
  uint64_t seed = 0;                       // of all randomness in decisions
  int64_t express_ms_max = kExpressMsMax;  // how long an Express execution may take
  // Called once the end of a top-level execution is durable; may be empty.
  std::function<void(history::ExecutionKey)> closed;
  // The same for every execution and child; children come with their row.
  std::function<void(history::ExecutionKey, const std::optional<history::ChildRow>&)> ended;
  std::function<void(uint64_t run)> run_ended;  // the same for Map Runs
  int64_t (*steady_clock_ms)() = nullptr;       // bounds JSONata evaluations; null in the simulator
  // Null where no task is answered by token; outlives the shards.
  const tokens::TaskTokens* tokens = nullptr;
  // Whether there is the activity with this ARN; any shard's thread. Empty: there is none.
  std::function<bool(std::string_view arn)> activity_exists;
  // HostOptions::can_go_on
  std::function<base::Result<void>(const asl::Program&)> can_go_on;
};

// Owner of executions and Map Runs: takes messages one at a time, decides, and hands every turn to
// the committer. One thread at a time; knows no clock, socket or disk but through its ports. Main
// loop: running/shard_thread.cc.
class Shard {
 public:
  Shard(uint32_t number, const ShardSettings& settings, const base::Clock& clock,
        CommitSink& commits, EffectSink& effects, RunNumbers& run_numbers);
  ~Shard();

  void handle(Message message);
  // A turn that takes long (its JSONata may take a second) calls `serve` now and then, which may
  // handle messages of the inbox that may_go_first(). Not in a turn of those.
  void while_waiting(std::function<void()> serve) { serve_ = std::move(serve); }
  // Whether a message may overtake those that wait, in the middle of a turn of another execution:
  // starts, stops and answers of top-level executions, and questions. Ends of a Map Run and of its
  // children only where nothing of the same run that must come before is among the messages from
  // `first` to `message`.
  bool may_go_first(const Message* first, const Message* message) const;
  // Nothing that waited when a message was taken first waits any more.
  void caught_up() { overtaken_runs_.clear(); }
  // Timers: in how many microseconds the next is due, unless the wall clock is set meanwhile; and
  // firing all that are.
  std::optional<int64_t> until_due_us() const;
  void fire_due();

  // Recovery: takes over what was open. `turns` is how many turn records the execution has.
  // resume() then sets in motion again.
  void adopt_execution(const records::ExecutionRecord& record, engine::ExecutionState state,
                       uint32_t turns);
  void adopt_child(std::shared_ptr<const RunInfo> run, uint64_t index, uint32_t lane,
                   uint32_t items, engine::ExecutionState state, uint32_t turns,
                   history::RowOfEvents row);
  void adopt_map_run(std::shared_ptr<const RunInfo> run, std::unique_ptr<maprun::MapRun> machine,
                     uint32_t slices, uint64_t output_bytes);
  // Of the execution, when it is open and waits for that Map Run: how often it redrove that.
  std::optional<uint32_t> redrives_awaited(history::ExecutionKey key, uint64_t map_run) const;
  // Whether the execution is open and waits for that task.
  bool waits_for_task(history::ExecutionKey key, uint32_t task) const;
  // What was adopted and had been stopped: an execution, or a Map Run with its children. resume()
  // ends it first and sets nothing of it in motion: a timer that came due while nothing ran would
  // else begin what follows before the order to stop arrived.
  void adopt_stop(history::ExecutionKey key) { adopted_stops_.insert(key); }
  void adopt_stop_of_run(uint64_t map_run) { adopted_run_stops_.insert(map_run); }
  void resume();

  // For questions (Ask). Of a Map Run that ended: until that is durable, what was counted last.
  std::optional<MapRunProgress> progress(uint64_t run) const;
  // How often the Map Run was redriven, the redrive that it is still being read for with them; 0
  // when it is not at work here.
  uint32_t redrives_of_run(uint64_t run) const;
  std::vector<MapRunProgress> progress_of_parent(history::ExecutionKey parent) const;
  void running_children(uint64_t run, std::vector<reading::ExecutionItem>& out) const;
  // Tasks of an execution that wait for somebody who has their token, or for a worker.
  std::vector<WaitingTask> waiting_tasks(history::ExecutionKey key) const;
  // All counted since the start, and what is open now.
  metrics::Registry metrics() const;
  size_t open_executions() const { return executions_.size(); }

  static uint32_t owner(history::ExecutionKey key, uint32_t shards) {
    return static_cast<uint32_t>(key.index % shards);
  }
  static uint32_t owner_of_run(uint64_t run, uint32_t shards) {
    return static_cast<uint32_t>(run % shards);
  }

 private:
  struct Live;
  struct LiveRun;
  struct EndingRun {
    MapRunProgress last;    // what was counted
    uint32_t redrives = 0;  // of it, when it ended
    std::optional<RedriveRun> redrive{};
  };
  struct Reopening {
    uint32_t redrives = 0;  // of it, this one with them
    bool stopping = false;  // it is to be stopped after all
  };
  struct Timer {
    int64_t due_us;       // by the steady clock; with `timestamp` by the wall clock
    base::UnixMs due_ms;  // as the execution counts
    history::ExecutionKey key;
    engine::ScopeId scope;
    uint32_t task;           // a task's deadline; 0: a wait or retry; UINT32_MAX: the execution's
    bool heartbeat = false;  // of that task
    bool timestamp = false;  // somebody named that moment
    friend auto operator<=>(const Timer&, const Timer&) = default;
  };

  void on(StartTopLevel& message);
  void on(StartChildExecution& message);
  void on(RedriveTopLevel& message);
  void on(RedriveChild& message);
  void on(Deliver& message);
  void on(TaskOverdue& message);
  void on(AnswerTask& message);
  void on(BeginMapRun& message);
  void on(MapRunPage& message);
  void on(MapRunChildEnded& message);
  void on(MapRunChildReturned& message);
  void on(RedriveRun& message);
  void on(MapRunReopened& message);
  void on(MapRunResultsWritten& message);
  void on(EndMapRun& message);
  void on(ChangeMapRun& message);
  void on(StopChildrenOf& message);
  void on(Ask& message) { message.question(this); }

  // The clock of a turn: it stands still while others are served.
  static int64_t turn_clock();
  void serve_others(int64_t now_ms);
  bool in_turn(history::ExecutionKey key) const;
  // One turn: decide, encode, hand over.
  // False: the input changed nothing, and `commit` is dropped.
  bool advance(Live& live, const engine::Input& input, TurnCommit commit = {});
  void wind_down(Live& live);
  // Stops the child of which `decision` would begin something.
  static void begin_nothing(Live& live, engine::Decision& decision,
                            const engine::Surroundings& surroundings);
  void take_actions(Live& live, std::vector<engine::Action>& actions, TurnCommit& commit);
  void start_map_run(Live& live, engine::StartMapRun& action, TurnCommit& commit);
  void start_child(const LiveRun& run, maprun::StartChild& start, TurnCommit& commit) const;
  LiveRun& add_run(std::shared_ptr<const RunInfo> info, std::unique_ptr<maprun::MapRun> machine,
                   uint32_t slices, uint64_t output_bytes);
  integrations::TaskRequest task_request(const Live& live, const engine::InvokeTask& action) const;
  void close(Live& live, TurnCommit& commit);
  void tell_ended(history::ExecutionKey key, const std::optional<history::ChildRow>& row,
                  TurnCommit& commit);
  // Of an Express execution: stores what is to be stored of the turn, if anything.
  void keep(Live& live, std::vector<history::Event> events, TurnCommit& commit);
  static std::optional<size_t> history_bytes_left(const Live& live);
  std::string request_id(const Live& live, uint32_t task) const;
  void limit_time(Live& live, std::optional<int64_t> timeout_seconds, base::UnixMs start_ms);
  history::ChildRow row_of(const Live& live) const;
  columns::ExecutionMetrics::Kind kind_of(const RunInfo& run) const;
  // Now, as the execution counts: no event of it is later.
  int64_t now_us(const Live& live) const;
  // `timer.due_us` follows from `due_ms`.
  void add_timer(Live& live, Timer timer);
  void remove_timer(const Timer& timer) { (timer.timestamp ? timestamps_ : timers_).erase(timer); }
  void fire(const Timer& timer);
  // Whether the task has time beyond the timer, which is set again then: that its call waited for a
  // process is known by its answer, and its time begins when it did.
  bool has_more_time(Live& live, const engine::Scope& waits, const Timer& timer);
  void remove_timers(Live& live);
  void set_deadline(Live& live, engine::ScopeId scope, uint32_t task,
                    std::optional<base::UnixMs> deadline_ms);
  // The task's next heartbeat is due within `seconds` from now; 0: it has none.
  void expect_heartbeat(Live& live, engine::ScopeId scope, uint32_t task, int64_t seconds);
  Live& add_child(std::shared_ptr<const RunInfo> run, uint64_t index, uint32_t lane,
                  uint32_t items);
  Live& add_top_level(const records::ExecutionRecord& record);

  // `commit` may hold what is to be stored with it.
  void take_reaction(LiveRun& run, maprun::Reaction reaction, TurnCommit commit = {});
  // All children have ended: true when the run has, too, false when its results are written first.
  bool finish_run(LiveRun& run, const maprun::Finish& finish, TurnCommit& commit);
  // The run ends as its record says.
  void end_run(LiveRun& run, TurnCommit& commit);
  void end_is_durable(uint64_t run, uint32_t redrives);
  MapRunProgress progress_of(const LiveRun& run) const;

  const uint32_t number_;
  const ShardSettings& settings_;
  const arn::ChildNames child_names_;
  const base::Clock& clock_;
  CommitSink& commits_;
  EffectSink& effects_;
  RunNumbers& run_numbers_;
  json::Arena arena_;
  json::Arena inner_arena_;  // of the turns within a turn
  std::function<void()> serve_;
  const Live* turning_ = nullptr;    // whose turn it is
  const Live* suspended_ = nullptr;  // whose turn waits while others are served
  int64_t slice_start_ms_ = 0;  // since when the turn has the thread; 0: its clock was not read
  int64_t away_ms_ = 0;         // for how long others were served in it
  // Whose children were stopped before some that were to be started.
  std::unordered_map<uint64_t, bool> overtaken_runs_;  // whether they were aborted
  std::unordered_map<history::ExecutionKey, std::unique_ptr<Live>, ExecutionKeyHash> executions_;
  std::unordered_map<uint64_t, std::unique_ptr<LiveRun>> runs_;
  std::unordered_map<uint64_t, EndingRun> ending_;  // Map Runs whose end is not durable yet
  std::set<Timer> timers_;                          // durations
  std::set<Timer> timestamps_;                      // moments that somebody named
  columns::ExecutionMetrics metrics_;
  std::vector<uint64_t> adopted_runs_;                                         // until resume()
  std::unordered_set<history::ExecutionKey, ExecutionKeyHash> adopted_stops_;  // until resume()
  std::unordered_set<uint64_t> adopted_run_stops_;                             // until resume()
  // Map Runs that are being read to be redriven, or are to be once their end is durable.
  std::unordered_map<uint64_t, Reopening> reopening_;
  // Of redriven Map Runs whose children were told to stop, by which redrive: children that are
  // still being read then do not begin again.
  std::unordered_map<uint64_t, uint32_t> stopped_redrives_;
};

}  // namespace weft::running

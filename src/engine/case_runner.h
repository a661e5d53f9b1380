#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/decide.h"
#include "json/value.h"

// Runs one execution of the engine by a script, on a virtual clock: what cases_test.cc and the
// tests written in C++ share. Only for tests.

namespace weft::engine {

struct RunnerOptions {
  size_t state_data_bytes_max = 262'144;
  // After every turn the state is thrown away and rebuilt from the stored bytes of all turns.
  bool rebuild_each_turn = false;
  uint64_t random_seed = 1;
  bool express = false;
};

// One execution at work. Tasks and Map Runs wait until the script answers them.
class CaseRunner : public MapRunIds, private TaskTokens {
 public:
  CaseRunner(std::shared_ptr<const asl::Program> program, RunnerOptions options);

  void begin(const std::string& input);
  // Answers the oldest open task of the state. False when there is none.
  bool succeed(const std::string& state, const std::string& output);
  // The same with a failure, whose scope and task are filled in.
  bool fail(const std::string& state, TaskFailed failure);
  // Says of the oldest open task of the state that its job has begun.
  bool submit(const std::string& state, const std::string& output);
  // Says that a worker asked for the oldest open task of the state.
  bool start_activity(const std::string& state, const std::string& worker);
  // A heartbeat for the oldest open task of the state.
  bool beat(const std::string& state);
  // Gives the last answer a second time.
  void answer_again() { turn(last_answer_); }
  // An answer for the latest task of the state that is no longer open.
  bool answer_late(const std::string& state, const std::string& output);
  // Moves the clock and fires what is due on the way, in order of time.
  void advance(int64_t ms);
  bool end_map_run(MapRunClosed answer);
  void turn(const Input& input);

  const ExecutionState& state() const { return state_; }
  const std::vector<std::string>& lines() const { return lines_; }
  const std::vector<history::Event>& events() const { return events_; }
  int turns() const { return turns_; }
  // States of open tasks, oldest first; parameters of the oldest one of a state.
  std::vector<std::string> open_tasks() const;
  std::string parameters_of(const std::string& state) const;
  size_t open_map_runs() const { return map_runs_.size(); }
  std::string configuration_of_map_run() const;
  // What does not fit together: rebuilt state against what was going on, work left behind at the
  // end.
  const std::vector<std::string>& violations() const { return violations_; }

  std::pair<uint64_t, std::string> next_map_run(const Identity& identity,
                                                const std::string& label) override;
  std::string map_run_arn(const std::string& label, uint64_t number) const override;

 private:
  struct Timer {
    ScopeId scope = 0;
    uint32_t task = 0;  // 0: a Wait or a retry delay
    bool heartbeat = false;
  };
  std::string token(uint32_t task) const override { return "token-" + std::to_string(task); }
  bool activity_exists(std::string_view arn) const override { return !arn.ends_with(":gone"); }
  void expect_heartbeat(ScopeId scope, uint32_t task, int64_t seconds);
  void perform(const Action& action);
  void rebuild();
  void check_outstanding();
  std::map<uint32_t, InvokeTask>::iterator find_task(const std::string& state);
  std::string line(const history::Event& event) const;

  RunnerOptions options_;
  std::shared_ptr<const asl::Program> program_;
  Identity identity_;
  ExecutionState state_;
  json::Arena arena_;
  base::UnixMs now_ms_ = 1'700'000'000'000;
  std::map<uint32_t, InvokeTask> tasks_;
  std::map<uint32_t, int64_t> heartbeats_;  // seconds, of tasks that have them
  std::vector<InvokeTask> closed_tasks_;
  std::map<uint64_t, StartMapRun> map_runs_;
  std::map<uint64_t, uint32_t> map_run_redrives_;
  std::multimap<base::UnixMs, Timer> timers_;
  bool yielded_ = false;
  uint64_t next_map_run_ = 1;
  Input last_answer_;
  int turns_ = 0;
  std::vector<std::string> stored_;
  std::vector<history::Event> events_;
  std::vector<std::string> lines_;
  std::vector<std::string> violations_;
};

}  // namespace weft::engine

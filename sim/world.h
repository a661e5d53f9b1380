#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "holders.h"
#include "integrations/activity/activity_tasks.h"
#include "integrations/tokens/task_tokens.h"
#include "machine.h"
#include "reading/query.h"
#include "reference.h"
#include "results.h"
#include "running/detail_keeper.h"
#include "running/nested_executions.h"
#include "running/ports.h"
#include "running/programs.h"
#include "running/shard.h"
#include "store/commit_mark.h"
#include "store/store.h"

namespace weft::sim {

// What may go wrong in one run; drawn from the seed.
struct Faults {
  int crashes = 0;              // the process ends: all but the synced commits is lost
  int64_t sync_us_max = 1'000;  // how long a sync takes
  int clock_jumps = 0;          // somebody sets the wall clock, by an hour at most
  int duplicate_percent = 0;    // functions that answer twice
  int64_t latency_us_max = 1'000;
  int redrives = 0;           // when it ended without success, at once or when nothing moves
  int updates = 0;            // of MaxConcurrency of a Map Run, by UpdateMapRun
  int64_t stop_after_us = 0;  // when a client stops the execution; 0: never
  bool release_before_commit = false;  // a planted bug, to show that the checks see it
  bool express = false;                // the outermost execution is an Express one
};

inline constexpr int64_t kClockJumpMsMax = 3'600'000;  // in one direction from the right time

// A whole Weft in one thread: the real shards, engine, Map Runs, nested executions, recovery and
// choice of detail on a virtual clock, over a store that keeps only what was synced, with functions
// that fail, hang or answer twice and send spans early and late, with workers of an activity and
// holders of task tokens. Everything follows from the seed.
class World : public base::Clock,
              public running::CommitSink,
              public running::EffectSink,
              public running::RunNumbers,
              private running::ExecutionStarts {
 public:
  // `failures`: what fails in its Map Runs, so that updates can leave the outcome as it is.
  World(uint64_t seed, const std::string& definition, const std::string& input, Faults faults,
        std::map<std::string, Failures> failures = {});
  ~World() override;

  // Runs to the end of the execution. False when it does not end within the step limit; then
  // violations() says so.
  bool run();

  const std::vector<std::string>& violations() const { return violations_; }
  const store::Store& store() const { return *store_; }
  const running::ShardSettings& settings() const { return settings_; }
  records::ExecutionRecord execution() const;
  uint64_t commits() const { return commits_done_; }
  uint64_t crashes() const { return crashes_done_; }
  uint64_t redrives() const { return redrives_done_; }
  // How many updates of each Map Run were acknowledged.
  const std::map<uint64_t, uint64_t>& updates() const { return updates_done_; }
  // Sequences of the spans that were stored, by child; those deleted since too.
  const std::map<history::ExecutionKey, std::set<uint64_t>>& spans_written() const {
    return spans_written_;
  }
  const Faults& faults() const { return faults_; }
  bool stop_asked() const { return stop_asked_; }
  const Objects& objects() const { return objects_; }
  const Holders& holders() const { return *holders_; }

  int64_t now_us() const override { return timeline_->at(wall_us(), now_us_); }
  int64_t steady_us() const override { return now_us_; }
  int64_t wall_us() const override { return now_us_ + wall_ahead_us_; }
  void submit(running::TurnCommit commit) override;
  void perform(running::Effect effect) override;
  uint64_t next_run() override { return next_run_++; }

 private:
  using Step = std::move_only_function<void()>;

  void boot();  // shards over what the store holds
  void crash();
  void later(int64_t delay_us, Step step);
  int64_t draw(int64_t max) {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(max + 1));
  }
  void sync();
  // Of the first `count` turns that wait: what is written as one.
  store::Batch take_batch(size_t count, std::vector<running::Effect>& effects);
  // A power cut leaves any part of what was written and not synced.
  void lose_power();
  void start_execution();
  void stop_execution();
  // When the execution has ended without success; false when nothing is to be redriven.
  bool redrive_execution();
  // A client gives a running Map Run other limits.
  void update_map_run();
  // Such as leave what its failures come to.
  maprun::ChangeLimits draw_limits(const std::string& label);
  bool step();  // false when nothing is left to happen
  bool closed() const;

  void on(integrations::TaskRequest& request);
  void on(integrations::HandOutRequest& request) {
    activities_->hand_out(request.request_id, std::move(request.task_token));
  }
  void on(integrations::CancelRequest& request);
  void on(integrations::WithdrawRequest&) {}  // no task here waits for its turn
  void on(integrations::DeadlineRequest& request);
  void on(running::Send& send);
  void on(running::ReadItems& read);
  void on(running::CollectResults& collect);
  void on(running::ReadChild& read);
  void on(running::ReopenMapRun& reopen);
  void on(running::WriteResults& write);
  void on(running::Notify& notify) { notify.call(); }

  // Whether it is an Express execution, which stores nothing of what it does before its end.
  bool is_express(history::ExecutionKey key) const;
  void start_nested(const integrations::TaskRequest& request);
  void start_activity(const integrations::TaskRequest& request);
  // A function takes the token along, and tells somebody.
  void take_token_along(const integrations::TaskRequest& request);
  void give_token(const std::string& token, std::string_view payload);
  // A worker asks for work, and again when it has some.
  void poll();
  // ExecutionStarts
  void start(running::StartExecution start, Task by, Done done) override;
  void start_synchronous(running::StartExecution, Task, Ended ended) override {
    ended(base::fail(base::ErrorCode::kUnavailable, "Nothing here is started synchronously"));
  }
  void stop(history::ExecutionKey key) override;
  const reading::Query& executions() const override { return *query_; }

  void send_spans(history::DetailKey place);
  void deliver(uint32_t shard, running::Message message);
  void check_task_is_durable(const integrations::TaskRequest& request);
  void check_child_is_durable(const running::StartChildExecution& start);
  void violate(std::string what) { violations_.push_back(std::move(what)); }

  Random random_;
  Random detail_random_;
  const std::map<std::string, Failures> failures_;
  const std::string definition_;
  const std::string input_;
  Faults faults_;
  std::unique_ptr<store::Store> store_;
  running::Programs programs_;
  running::ShardSettings settings_;
  records::MachineRecord machine_;
  std::vector<std::unique_ptr<running::Shard>> shards_;
  std::optional<running::DetailKeeper> detail_;
  std::optional<reading::Query> query_;
  std::optional<running::NestedExecutions> nested_;
  std::optional<activity::ActivityTasks> activities_;
  tokens::TaskTokens tokens_;
  std::optional<Holders> holders_;
  uint64_t next_execution_ = 1;
  uint64_t next_span_ = 1;
  std::map<history::ExecutionKey, std::set<uint64_t>> spans_written_;
  Objects objects_;
  std::map<std::pair<int64_t, uint64_t>, Step> steps_;  // by time, then order
  uint64_t next_step_ = 0;
  std::vector<running::TurnCommit> unsynced_;
  bool syncing_ = false;
  int64_t now_us_ = 1'700'000'000'000'000;
  uint64_t next_run_ = 1;
  uint64_t next_chunk_ = 1;
  uint64_t commits_done_ = 0;
  uint64_t crashes_done_ = 0;
  std::vector<int64_t> crash_times_us_;
  std::vector<int64_t> jump_times_us_;
  std::vector<int64_t> update_times_us_;
  std::map<uint64_t, uint64_t> updates_done_;
  int64_t wall_ahead_us_ = 0;               // of the steady clock, which is now_us_
  std::optional<base::Timeline> timeline_;  // of the process
  store::CommitMark newest_;                // of what the log holds
  int64_t stop_at_us_ = INT64_MAX;
  bool stop_asked_ = false;
  int64_t stop_arrives_us_ = 0;  // the last one asked for
  int redrives_left_ = 0;
  uint64_t redrives_done_ = 0;
  bool redriving_ = false;     // one is asked for, and not durable yet
  bool acknowledged_ = false;  // the start of the outermost execution
  // When the last message sent to each shard arrives: an inbox keeps its order.
  std::vector<int64_t> arrivals_us_;
  std::vector<std::string> violations_;
};

}  // namespace weft::sim

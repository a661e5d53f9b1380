#include "running/shard.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "asl/compile.h"
#include "integrations/s3/item_pages.h"

// One shard with its ports held by hand: what it commits, what it releases at once, and in which
// order.

namespace weft::running {
namespace {

class Ports : public base::Clock, public CommitSink, public EffectSink, public RunNumbers {
 public:
  int64_t now_us() const override { return timeline_.at(wall_us(), steady_us()); }
  int64_t steady_us() const override { return now_us_; }
  int64_t wall_us() const override { return now_us_ + set_ms_ * 1'000; }
  void submit(TurnCommit commit) override { commits.push_back(std::move(commit)); }
  void perform(Effect effect) override { performed.push_back(std::move(effect)); }
  uint64_t next_run() override { return next_run_++; }
  void advance_ms(int64_t ms) { now_us_ += ms * 1'000; }
  // Somebody sets the wall clock, forward or back.
  void set_clock_ms(int64_t by_ms) { set_ms_ += by_ms; }

  std::vector<TurnCommit> commits;
  std::vector<Effect> performed;

 private:
  int64_t now_us_ = 1'700'000'000'000'000;
  int64_t set_ms_ = 0;
  base::Timeline timeline_;
  uint64_t next_run_ = 1;
};

template <typename T>
size_t sends(const std::vector<Effect>& effects) {
  size_t count = 0;
  for (const Effect& effect : effects) {
    const auto* send = std::get_if<Send>(&effect);
    count += send != nullptr && std::holds_alternative<T>(send->message) ? 1 : 0;
  }
  return count;
}

class ShardTest : public testing::Test {
 protected:
  ShardTest() {
    settings_.state_data_bytes_max = 262'144;
    shard_ = std::make_unique<Shard>(0, settings_, ports_, ports_, ports_, ports_);
  }

  void start(const std::string& definition) {
    const asl::CompileResult compiled = asl::compile(base::Text(definition));
    ASSERT_NE(compiled.program, nullptr) << asl::invalid_definition(compiled.diagnostics).message;
    records::ExecutionRecord record;
    record.key = {0, 1};
    record.name = "one";
    record.machine_name = "machine";
    record.start_ms = ports_.now_ms();
    shard_->handle(StartTopLevel{record, compiled.program, base::Text("{}"), nullptr});
  }

  // Answers a task by its token; whether it was taken.
  bool answer(TaskAnswer what, uint32_t task = 1) {
    std::optional<bool> told;
    shard_->handle(
        AnswerTask{.key = {0, 1}, .task = task, .answer = std::move(what), .told = [&](bool taken) {
                     told = taken;
                   }});
    deliver_all();
    EXPECT_TRUE(told.has_value());
    return told.value_or(false);
  }
  // Gives the shard what the commits and performed effects so far hold for it.
  void deliver_all() {
    while (!ports_.commits.empty() || !ports_.performed.empty()) deliver_next();
  }
  // What was performed, or else the effects of the oldest commit.
  void deliver_next() {
    std::vector<Effect> effects = std::move(ports_.performed);
    ports_.performed.clear();
    if (effects.empty()) {
      effects = std::move(ports_.commits.front().effects);
      ports_.commits.erase(ports_.commits.begin());
    }
    for (Effect& effect : effects) deliver(effect);
  }
  // Up to the slice that starts children: its commit is the last one, and not durable yet.
  void deliver_until_children_start() {
    while (ports_.commits.empty() ||
           sends<StartChildExecution>(ports_.commits.back().effects) == 0) {
      ASSERT_FALSE(ports_.commits.empty() && ports_.performed.empty());
      deliver_next();
    }
  }
  // The commit with the end of a Map Run is not durable yet.
  void deliver_until_run_ends() {
    for (bool ended = false; !ended;) {
      ASSERT_FALSE(ports_.commits.empty() && ports_.performed.empty());
      deliver_next();
      for (const TurnCommit& commit : ports_.commits) ended |= commit.ended_run != 0;
    }
  }
  void deliver(Effect& effect) {
    if (auto* send = std::get_if<Send>(&effect)) {
      shard_->handle(std::move(send->message));
    } else if (auto* read = std::get_if<ReadItems>(&effect)) {
      shard_->handle(
          MapRunPage{read->run->record.number, s3::state_page(*read->configuration, read->cursor)});
    } else if (std::holds_alternative<integrations::TaskRequest>(effect)) {
      ++tasks_;
    } else if (auto* deadline = std::get_if<integrations::DeadlineRequest>(&effect)) {
      shard_->handle(TaskOverdue{*deadline, progress_});
    } else if (std::holds_alternative<integrations::CancelRequest>(effect)) {
      ++cancels_;
    } else if (std::holds_alternative<ReopenMapRun>(effect)) {
      ++reopens_;
    } else if (auto* notify = std::get_if<Notify>(&effect)) {
      notify->call();
    }
  }

  Ports ports_;
  ShardSettings settings_;
  std::unique_ptr<Shard> shard_;
  std::optional<history::InvocationTiming> progress_;  // what is said of every call
  size_t tasks_ = 0;
  size_t cancels_ = 0;
  size_t reopens_ = 0;
};

constexpr const char* kMapOfTasks = R"({"QueryLanguage":"JSONata","StartAt":"Each","States":{
  "Each":{"Type":"Map","Label":"L","Items":[1,2,3],"End":true,
    "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
      "StartAt":"Call","States":{"Call":{"Type":"Task","End":true,
        "Resource":"arn:aws:lambda:us-east-1:000000000000:function:f"}}}}}})";

TEST_F(ShardTest, MapRunStoppedWhileItsChildrenWaitForTheDisk_StopsThemAfterTheyStart) {
  start(kMapOfTasks);
  // Up to the slice that starts the children; its commit is not durable yet.
  deliver_until_children_start();
  shard_->handle(EndMapRun{1});
  // The order to stop must not overtake the order to start.
  EXPECT_EQ(sends<StopChildrenOf>(ports_.performed), 0U);
  deliver_all();
  EXPECT_EQ(tasks_, 3U);
  EXPECT_EQ(cancels_, 3U);
  EXPECT_EQ(shard_->progress(1), std::nullopt);
}

constexpr const char* kMapOfPasses = R"({"QueryLanguage":"JSONata","StartAt":"Each","States":{
  "Each":{"Type":"Map","Label":"L","Items":[1,2,3],"End":true,
    "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
      "StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}})";

// The record of the run says RUNNING and no counts until its end is on disk.
TEST_F(ShardTest, MapRunWhoseEndIsNotDurable_IsToldWithItsLastCounts) {
  start(kMapOfPasses);
  deliver_until_run_ends();
  const auto progress = shard_->progress(1);
  ASSERT_TRUE(progress.has_value());
  EXPECT_EQ(progress->executions.succeeded, 3U);
  EXPECT_EQ(progress->executions.total, 3U);
  EXPECT_FALSE(progress->reading);
  deliver_all();
  EXPECT_EQ(shard_->progress(1), std::nullopt);
}

// What is redriven is read from the disk: not before all of it is there.
TEST_F(ShardTest, RedriveOfAMapRunWhoseEndIsNotDurable_WaitsForIt) {
  start(kMapOfPasses);
  deliver_until_run_ends();
  EXPECT_EQ(shard_->redrives_of_run(1), 0U);
  shard_->handle(RedriveRun{1, 1, nullptr});
  EXPECT_TRUE(ports_.performed.empty());
  EXPECT_EQ(shard_->redrives_of_run(1), 1U);
  deliver_all();
  EXPECT_EQ(reopens_, 1U);
  // While it is read, too: its record says how it ended before.
  EXPECT_EQ(shard_->redrives_of_run(1), 1U);
}

TEST_F(ShardTest, StopOfAMapRun_GivesUpWhatIsReadForIt) {
  start(kMapOfTasks);
  std::shared_ptr<const std::atomic<bool>> unwanted;
  while (unwanted == nullptr) {
    std::vector<Effect> effects = std::move(ports_.performed);
    ports_.performed.clear();
    if (effects.empty()) {
      ASSERT_FALSE(ports_.commits.empty());
      effects = std::move(ports_.commits.front().effects);
      ports_.commits.erase(ports_.commits.begin());
    }
    for (Effect& effect : effects) {
      if (const auto* read = std::get_if<ReadItems>(&effect)) {
        unwanted = read->unwanted;
      } else {
        deliver(effect);
      }
    }
  }
  EXPECT_FALSE(*unwanted);
  shard_->handle(EndMapRun{1});
  EXPECT_TRUE(*unwanted);
}

TEST_F(ShardTest, StopOfTheParent_ClosesChildrenAndMapRun) {
  start(kMapOfTasks);
  deliver_all();
  ASSERT_EQ(tasks_, 3U);
  EXPECT_EQ(shard_->open_executions(), 4U);
  shard_->handle(Deliver{{0, 1}, engine::Stop{}});
  deliver_all();
  EXPECT_EQ(cancels_, 3U);
  EXPECT_EQ(shard_->open_executions(), 0U);
  EXPECT_EQ(shard_->progress(1), std::nullopt);
  EXPECT_EQ(shard_->until_due_us(), std::nullopt);
}

constexpr const char* kMapThatNeverEnds = R"({"QueryLanguage":"JSONata","StartAt":"Each","States":{
  "Each":{"Type":"Map","Label":"L","Items":[1,2,3],"End":true,"ToleratedFailurePercentage":100,
    "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
      "StartAt":"Burn","States":{"Burn":{"Type":"Pass","End":true,
        "Output":"{% ($f := function($x) { $f($x) }; $f(1)) %}"}}}}}})";

int64_t hurrying_now_ms = 0;
// Seven milliseconds pass whenever somebody looks.
int64_t hurrying_clock() { return hurrying_now_ms += 7; }

// A shard whose inbox holds the starts of three children that never end by themselves.
class LongTurnTest : public ShardTest {
 protected:
  LongTurnTest() {
    settings_.steady_clock_ms = hurrying_clock;
    start(kMapThatNeverEnds);
    deliver_until_children_start();
    for (Effect& effect : ports_.commits.back().effects) {
      if (auto* send = std::get_if<Send>(&effect)) inbox_.push_back(std::move(send->message));
    }
    ports_.commits.clear();
    ports_.performed.clear();
  }

  // Handles the first of the inbox; the others come in the middle of its turn.
  void handle_first(std::vector<Message> meanwhile = {}) {
    shard_->while_waiting([&] {
      ++served_;
      for (Message& message : std::exchange(meanwhile, {})) {
        EXPECT_TRUE(shard_->may_go_first(&message, &message));
        shard_->handle(std::move(message));
      }
    });
    Message message = std::move(inbox_.front());
    inbox_.erase(inbox_.begin());
    shard_->handle(std::move(message));
    shard_->while_waiting(nullptr);
  }
  template <typename... Messages>
  static std::vector<Message> messages(Messages... all) {
    std::vector<Message> result;
    (result.emplace_back(std::move(all)), ...);
    return result;
  }
  // How the child of a commit ended; nothing when it is no child's end.
  static std::optional<history::ExecutionStatus> child_status(const TurnCommit& commit) {
    return commit.row ? std::optional(commit.row->status) : std::nullopt;
  }

  std::vector<Message> inbox_;
  size_t served_ = 0;
};

TEST_F(LongTurnTest, LetsOthersGoFirst) {
  ASSERT_EQ(inbox_.size(), 3U);
  records::ExecutionRecord record;
  record.key = {0, 2};
  record.start_ms = ports_.now_ms();
  const char* quick = R"({"StartAt":"A","States":{"A":{"Type":"Succeed"}}})";
  handle_first(messages(
      StartTopLevel{record, asl::compile(base::Text(quick)).program, base::Text("{}"), nullptr}));
  EXPECT_GT(served_, 10U);
  ASSERT_EQ(ports_.commits.size(), 2U);
  EXPECT_EQ(child_status(ports_.commits[0]), std::nullopt);  // the quick one
  EXPECT_EQ(child_status(ports_.commits[1]), history::ExecutionStatus::kFailed);
}

TEST_F(LongTurnTest, ItsTimeStandsStillMeanwhile) {
  handle_first();
  const size_t alone = std::exchange(served_, 0);
  handle_first(messages(Ask{[](Shard*) { hurrying_now_ms += 60'000; }}));
  EXPECT_EQ(served_, alone);
}

TEST_F(LongTurnTest, OnceItsRunIsStopped_OthersEndBeforeTheyEvaluateAnything) {
  handle_first(messages(EndMapRun{1}, StopChildrenOf{1}));
  ports_.commits.clear();
  served_ = 0;
  handle_first();
  handle_first();
  EXPECT_EQ(served_, 0U);
  ASSERT_EQ(ports_.commits.size(), 2U);
  for (const TurnCommit& commit : ports_.commits)
    EXPECT_EQ(child_status(commit), history::ExecutionStatus::kAborted);
}

TEST_F(LongTurnTest, WhatMustKeepItsOrderWaits) {
  auto info = std::make_shared<RunInfo>();
  info->record.number = 7;
  const auto run = messages(BeginMapRun{info}, EndMapRun{7});
  EXPECT_FALSE(shard_->may_go_first(run.data(), &run[0]));
  EXPECT_FALSE(shard_->may_go_first(run.data(), &run[1]));
  EXPECT_TRUE(shard_->may_go_first(&run[1], &run[1]));
  EXPECT_FALSE(shard_->may_go_first(inbox_.data(), &inbox_[1]));
  const auto stops = messages(Deliver{{1, 0}, engine::Stop{}}, Deliver{{0, 1}, engine::Stop{}});
  EXPECT_FALSE(shard_->may_go_first(stops.data(), &stops[0]));
  EXPECT_TRUE(shard_->may_go_first(stops.data(), &stops[1]));
}

TEST_F(ShardTest, TurnOfATopLevelExecution_KeepsItsOwnMessagesWaiting) {
  settings_.steady_clock_ms = hurrying_clock;
  const Message stop = Deliver{{0, 1}, engine::Stop{}};
  size_t served = 0;
  shard_->while_waiting([&] {
    ++served;
    EXPECT_FALSE(shard_->may_go_first(&stop, &stop));
  });
  start(R"({"QueryLanguage":"JSONata","StartAt":"Burn","States":{"Burn":{"Type":"Pass","End":true,
    "Output":"{% ($f := function($x) { $f($x) }; $f(1)) %}"}}})");
  EXPECT_GT(served, 10U);
}

TEST_F(ShardTest, NothingIsReleasedBeforeItsCommit) {
  start(kMapOfTasks);
  EXPECT_EQ(ports_.performed.size(), 0U);
  ASSERT_EQ(ports_.commits.size(), 1U);
  EXPECT_EQ(sends<BeginMapRun>(ports_.commits[0].effects), 1U);
}

TEST_F(ShardTest, TaskTimer_IsGoneWithItsExecution) {
  start(R"({"QueryLanguage":"JSONata","StartAt":"Call","TimeoutSeconds":100,"States":{
    "Call":{"Type":"Task","End":true,"TimeoutSeconds":5,
      "Resource":"arn:aws:lambda:us-east-1:000000000000:function:f"}}})");
  EXPECT_EQ(shard_->until_due_us(), 5'000'000);
  shard_->handle(Deliver{{0, 1}, engine::TaskSucceeded{0, 1, base::Text("1"), std::nullopt}});
  EXPECT_EQ(shard_->until_due_us(), std::nullopt);
  EXPECT_EQ(shard_->open_executions(), 0U);
}

constexpr const char* kCallsWithinFiveSeconds =
    R"({"QueryLanguage":"JSONata","StartAt":"Call","States":{
  "Call":{"Type":"Task","End":true,"TimeoutSeconds":5,
    "Resource":"arn:aws:lambda:us-east-1:000000000000:function:f"}}})";

TEST_F(ShardTest, TaskTimer_DoesNotCountTheWaitForAProcess) {
  start(kCallsWithinFiveSeconds);
  deliver_all();
  progress_ = {.queued_us = 5'000'000};  // it still waits
  ports_.advance_ms(5'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->open_executions(), 1U);
  EXPECT_EQ(shard_->until_due_us(), 5'000'000);
  progress_ = {.started_ms = 1, .queued_us = 8'000'000, .run_us = 2'000'000};
  ports_.advance_ms(5'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->until_due_us(), 3'000'000);
  progress_->run_us = 5'000'000;
  ports_.advance_ms(3'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->open_executions(), 0U);
}

TEST_F(ShardTest, TaskTimer_OfACallThatIsNotKnown_EndsTheTask) {
  start(kCallsWithinFiveSeconds);
  deliver_all();
  ports_.advance_ms(5'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->open_executions(), 0U);
}

TEST_F(ShardTest, Heartbeat_OfACallThatWaitsForAProcess_IsNotDue) {
  start(R"({"QueryLanguage":"JSONata","StartAt":"Ask","States":{
    "Ask":{"Type":"Task","End":true,"HeartbeatSeconds":10,
      "Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","Arguments":{"FunctionName":"f"}}}})");
  deliver_all();
  progress_ = {.queued_us = 10'000'000};
  ports_.advance_ms(10'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->until_due_us(), 10'000'000);
  progress_->started_ms = ports_.now_us() / 1'000;
  ports_.advance_ms(10'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->open_executions(), 0U);
}

constexpr const char* kWaitsForAToken = R"({"QueryLanguage":"JSONata","StartAt":"Ask","States":{
  "Ask":{"Type":"Task","End":true,"HeartbeatSeconds":10,"TimeoutSeconds":25,
    "Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","Arguments":{"FunctionName":"f"}}}})";

TEST_F(ShardTest, Heartbeat_MovesTheNextOne_AndTheDeadlineStays) {
  start(kWaitsForAToken);
  EXPECT_EQ(shard_->until_due_us(), 10'000'000);
  ports_.advance_ms(9'000);
  EXPECT_TRUE(answer(TaskHeartbeat{}));
  EXPECT_EQ(shard_->until_due_us(), 10'000'000);
  ports_.advance_ms(9'000);
  EXPECT_TRUE(answer(TaskHeartbeat{}));
  EXPECT_EQ(shard_->until_due_us(), 7'000'000);
  ports_.advance_ms(7'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->open_executions(), 0U);
  EXPECT_EQ(shard_->until_due_us(), std::nullopt);
  EXPECT_FALSE(answer(TaskHeartbeat{}));
}

// The function was called after 8 s and answered after 9.
TEST_F(ShardTest, TimeOfATaskWithAToken_BeginsWithItsCall_AlsoOnceThatHasAnswered) {
  start(kWaitsForAToken);
  deliver_all();
  ports_.advance_ms(9'000);
  const history::InvocationTiming timing{
      .started_ms = ports_.now_us() / 1'000 - 1'000, .queued_us = 8'000'000, .run_us = 1'000'000};
  shard_->handle(Deliver{{0, 1}, engine::TaskSubmitted{0, 1, base::Text("{}"), timing}});
  deliver_all();
  ports_.advance_ms(1'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->open_executions(), 1U);
  EXPECT_EQ(shard_->until_due_us(), 8'000'000);  // of the heartbeat
  ports_.advance_ms(7'000);
  EXPECT_TRUE(answer(TaskHeartbeat{}));
  ports_.advance_ms(8'000);
  shard_->fire_due();  // TimeoutSeconds after it was scheduled
  deliver_all();
  EXPECT_EQ(shard_->open_executions(), 1U);
  EXPECT_TRUE(answer(TaskHeartbeat{}));
  EXPECT_EQ(shard_->until_due_us(), 8'000'000);
  ports_.advance_ms(8'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->open_executions(), 0U);
}

TEST_F(ShardTest, HeartbeatThatDoesNotCome_EndsTheTask) {
  start(kWaitsForAToken);
  ports_.advance_ms(10'000);
  shard_->fire_due();
  deliver_all();
  EXPECT_EQ(shard_->open_executions(), 0U);
  EXPECT_FALSE(answer(TaskSuccess{base::Text("1")}));
}

TEST_F(ShardTest, Answer_IsTakenOnce_AndToldWhenItIsDurable) {
  start(kWaitsForAToken);
  ports_.commits.clear();
  std::optional<bool> told;
  shard_->handle(AnswerTask{
      .key = {0, 1}, .task = 1, .answer = TaskSuccess{base::Text("1")}, .told = [&](bool taken) {
        told = taken;
      }});
  EXPECT_EQ(told, std::nullopt);
  deliver_all();
  EXPECT_EQ(told, true);
  EXPECT_FALSE(answer(TaskSuccess{base::Text("2")}));
  EXPECT_FALSE(answer(TaskFailure{}));
}

TEST_F(ShardTest, AnswerForAnotherAttempt_OrForATaskWithoutToken_IsNotTaken) {
  start(R"({"QueryLanguage":"JSONata","StartAt":"Call","States":{
    "Call":{"Type":"Task","End":true,"Resource":"arn:aws:lambda:us-east-1:000000000000:function:f"}}})");
  EXPECT_FALSE(answer(TaskSuccess{base::Text("1")}));
  EXPECT_FALSE(answer(TaskSuccess{base::Text("1")}, 2));
  EXPECT_EQ(shard_->open_executions(), 1U);
}

TEST_F(ShardTest, ExecutionDeadline_TimesOut) {
  start(R"({"QueryLanguage":"JSONata","StartAt":"Rest","TimeoutSeconds":100,"States":{
    "Rest":{"Type":"Wait","Seconds":1000,"End":true}}})");
  EXPECT_EQ(shard_->until_due_us(), 100'000'000);
  ports_.advance_ms(100'000);
  shard_->fire_due();
  EXPECT_EQ(shard_->open_executions(), 0U);
}

constexpr int64_t kHourMs = 3'600'000;

TEST_F(ShardTest, WallClockThatIsSet_MovesNoDuration) {
  for (const int64_t by_ms : {kHourMs, -kHourMs}) {
    start(R"({"QueryLanguage":"JSONata","StartAt":"Rest","TimeoutSeconds":100,"States":{
      "Rest":{"Type":"Wait","Seconds":3,"End":true}}})");
    ports_.advance_ms(1'000);
    ports_.set_clock_ms(by_ms);
    shard_->fire_due();
    EXPECT_EQ(shard_->open_executions(), 1U);
    EXPECT_EQ(shard_->until_due_us(), 2'000'000);
    ports_.advance_ms(2'000);
    shard_->fire_due();
    EXPECT_EQ(shard_->open_executions(), 0U);
    shard_ = std::make_unique<Shard>(0, settings_, ports_, ports_, ports_, ports_);
  }
}

TEST_F(ShardTest, Timestamp_IsDueWhenTheWallClockSaysSo) {
  start(R"({"QueryLanguage":"JSONata","StartAt":"Rest","States":{
    "Rest":{"Type":"Wait","Timestamp":"2023-11-14T23:00:00Z","End":true}}})");
  const int64_t until_us = int64_t{1'700'002'800'000'000} - ports_.now_us();
  EXPECT_EQ(shard_->until_due_us(), until_us);
  ports_.set_clock_ms(-kHourMs);
  EXPECT_EQ(shard_->until_due_us(), until_us + kHourMs * 1'000);
  ports_.set_clock_ms(2 * kHourMs);
  shard_->fire_due();
  EXPECT_EQ(shard_->open_executions(), 0U);
}

TEST_F(ShardTest, InputForAClosedExecution_IsDropped) {
  start(R"({"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed"}}})");
  const size_t commits = ports_.commits.size();
  shard_->handle(Deliver{{0, 1}, engine::Stop{}});
  EXPECT_EQ(ports_.commits.size(), commits);
}

}  // namespace
}  // namespace weft::running

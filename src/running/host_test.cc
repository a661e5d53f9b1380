#include "running/host.h"

#include <fstream>
#include <future>

#include <unistd.h>

#include "json/parse.h"
#include "running/host_fixture.h"

namespace weft::running {
namespace {

// Fails for payloads that are odd numbers.
engine::Input odd_fails(const integrations::TaskRequest& request) {
  const int n = std::stoi(request.parameters.str());
  if (n % 2 == 0) return echo(request);
  return engine::TaskFailed{request.scope, request.task, "Odd", fmt::format("{} is odd", n),
                            std::nullopt};
}

class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = testing::TempDir() + "weft-host-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// ---- commands

TEST_F(HostTest, StartExecution_SameNameAndInputWhileRunning_IsTheSameExecution) {
  open();
  tasks_.hold();
  const std::string arn = create(machine("A", fmt::format(R"("A":{})", kTask)));
  const auto first = host_->start_execution({arn, "one", base::Text("{\"a\":1}")});
  const auto again = host_->start_execution({arn, "one", base::Text("{\"a\":1}")});
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->arn, again->arn);
  EXPECT_EQ(first->start_ms, again->start_ms);
  const auto other = host_->start_execution({arn, "one", base::Text("{\"a\":2}")});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, base::ErrorCode::kExecutionAlreadyExists);
  EXPECT_EQ(other.error().message, "Execution Already Exists: '" + first->arn + "'");
  tasks_.release_all();
  finish(first->arn);
  const auto closed = host_->start_execution({arn, "one", base::Text("{\"a\":1}")});
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, base::ErrorCode::kExecutionAlreadyExists);
}

TEST_F(HostTest, StartExecution_SameNameFromManyThreads_StartsOnce) {
  open();
  tasks_.hold();
  const std::string arn = create(machine("A", fmt::format(R"("A":{})", kTask)));
  std::vector<std::future<base::Result<StartedExecution>>> starts;
  for (int i = 0; i < 8; ++i) {
    starts.push_back(std::async(std::launch::async, [&] {
      return host_->start_execution({arn, "one", base::Text("{}")});
    }));
  }
  std::set<base::UnixMs> times;
  for (auto& start : starts) {
    const auto started = start.get();
    ASSERT_TRUE(started) << started.error().message;
    times.insert(started->start_ms);
  }
  EXPECT_EQ(times.size(), 1U);
  ASSERT_TRUE(tasks_.wait_held(1));
  tasks_.release_all();
  EXPECT_EQ(tasks_.runs(), 1U);
}

TEST_F(HostTest, StartExecution_BadInput_IsRefused) {
  open();
  const std::string arn = create(machine("A", R"("A":{"Type":"Succeed"})"));
  const auto start_with = [&](std::string input) {
    return host_->start_execution({arn, "", base::Text(std::move(input))});
  };
  EXPECT_TRUE(start_with('"' + std::string(262'142, 'x') + '"'));
  for (const std::string& input : {std::string("{"), std::string(), std::string("nope"),
                                   '"' + std::string(262'143, 'x') + '"'}) {
    const auto started = start_with(input);
    ASSERT_FALSE(started) << input.substr(0, 20);
    EXPECT_EQ(started.error().code, base::ErrorCode::kInvalidExecutionInput);
  }
}

TEST_F(HostTest, StopExecution_OfARunningTask_Aborts) {
  open();
  tasks_.hold();
  const std::string arn = start(create(machine("A", fmt::format(R"("A":{})", kTask))));
  ASSERT_TRUE(tasks_.wait_held(1));
  const auto stopped = host_->stop_execution(arn, "Mine", "enough");
  ASSERT_TRUE(stopped);
  const reading::ExecutionView view = finish(arn);
  EXPECT_EQ(view.status, history::ExecutionStatus::kAborted);
  EXPECT_EQ(view.stop_ms, *stopped);
  EXPECT_EQ(view.error, "Mine");
  EXPECT_EQ(view.cause, "enough");
  EXPECT_TRUE(tasks_.wait_cancelled(1));
  // A second stop answers the same.
  EXPECT_EQ(*host_->stop_execution(arn, "Other", ""), *stopped);
  expect_nothing_open();
}

TEST_F(HostTest, StopExecution_OfADistributedMap_AbortsChildrenAndMapRun) {
  open();
  tasks_.hold();
  const std::string arn = start(create(
      machine("M", "\"M\":" + distributed(R"("Items":"{% [1..50] %}","MaxConcurrency":20)"))));
  ASSERT_TRUE(tasks_.wait_held(20));
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  ASSERT_TRUE(tasks_.wait_cancelled(20));
  await_map_run(1);
  const records::MapRunRecord run = map_run(1);
  EXPECT_EQ(run.status, records::MapRunStatus::kAborted);
  EXPECT_EQ(run.executions.aborted, 20U);
  EXPECT_EQ(run.executions.pending, 30U);
  EXPECT_EQ(run.executions.total, 50U);
  expect_nothing_open();
}

TEST_F(HostTest, StopExecution_OfOneChild_ReturnsWhileTheOthersRunAndCountsAsFailure) {
  open();
  tasks_.hold();
  const std::string arn = start(
      create(machine("M", "\"M\":" + distributed(R"("Items":[1,2],"ToleratedFailureCount":1)"))));
  ASSERT_TRUE(tasks_.wait_held(2));
  const std::string child = host_->query().child_arn(map_run(1), 0);
  const auto stopped = host_->stop_execution(child, "Mine", "enough");
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_EQ(host_->query().execution(child)->status, history::ExecutionStatus::kAborted);
  tasks_.release_all();
  EXPECT_EQ(finish(arn).status, history::ExecutionStatus::kSucceeded);
  EXPECT_EQ(map_run(1).executions.aborted, 1U);
  expect_nothing_open();
}

TEST_F(HostTest, CreateStateMachine_SameNameFromManyThreads_KeepsOneDefinition) {
  open();
  std::vector<std::future<bool>> creations;
  for (int i = 0; i < 8; ++i) {
    creations.push_back(std::async(std::launch::async, [&, i] {
      return host_
          ->create_state_machine(
              {.name = "same",
               .definition = base::Text(
                   machine("A", fmt::format(R"("A":{{"Type":"Pass","Output":{},"End":true}})", i))),
               .role_arn = kRole})
          .has_value();
    }));
  }
  int created = 0;
  for (auto& one : creations) created += one.get() ? 1 : 0;
  EXPECT_EQ(created, 1);
}

// ---- Distributed Maps

TEST_F(HostTest, DistributedMap_GivesOutputsInItemOrder) {
  open();
  tasks_.hold();
  const std::string arn = start(create(
      machine("M", "\"M\":" + distributed(R"("Items":"{% [1..40] %}","MaxConcurrency":0)"))));
  ASSERT_TRUE(tasks_.wait_held(40));
  tasks_.release_all();  // in order of request ids, which is none
  std::string expected = "[1";
  for (int i = 2; i <= 40; ++i) expected += fmt::format(",{}", i);
  EXPECT_EQ(finish(arn).output.view(), expected + "]");
  expect_nothing_open();
}

TEST_F(HostTest, DistributedMap_TenThousandChildren_AllCount) {
  open();
  const reading::ExecutionView view =
      run(machine("M", "\"M\":" + distributed(R"("Items":"{% [1..10000] %}")",
                                              R"({"Type":"Pass","End":true})")));
  EXPECT_EQ(view.status, history::ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(map_run(1).executions.succeeded, 10'000U);
  EXPECT_EQ(map_run(1).items.total, 10'000U);
  expect_nothing_open();
}

TEST_F(HostTest, DistributedMap_NoItems_SucceedsEmpty) {
  open();
  const reading::ExecutionView view = run(machine("M", "\"M\":" + distributed(R"("Items":[])")));
  EXPECT_EQ(view.status, history::ExecutionStatus::kSucceeded);
  EXPECT_EQ(view.output.view(), "[]");
  expect_nothing_open();
}

TEST_F(HostTest, DistributedMap_FailingChild_FailsTheRunAndStopsTheOthers) {
  FakeTasks tasks(odd_fails);
  open(tasks);
  tasks.hold();
  const std::string arn = start(create(machine("M", "\"M\":" + distributed(R"("Items":[1,3,5])"))));
  ASSERT_TRUE(tasks.wait_held(3));
  tasks.release(1);
  const reading::ExecutionView view = finish(arn);
  EXPECT_EQ(view.status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(view.error, "States.ExceedToleratedFailureThreshold");
  EXPECT_EQ(view.cause, "The specified tolerated failure threshold was exceeded");
  EXPECT_EQ(map_run(1).status, records::MapRunStatus::kFailed);
  EXPECT_EQ(map_run(1).executions.failed, 1U);
  EXPECT_EQ(map_run(1).executions.aborted, 2U);
  expect_nothing_open();
}

TEST_F(HostTest, DistributedMap_ToleratedFailure_LeavesItsRecordInTheResult) {
  FakeTasks tasks(odd_fails);
  open(tasks);
  const reading::ExecutionView view =
      run(machine("M", "\"M\":" + distributed(R"("Items":[0,1,2],"ToleratedFailureCount":1)")));
  ASSERT_EQ(view.status, history::ExecutionStatus::kSucceeded);
  json::Arena arena;
  const json::Value result = *json::parse(view.output.view(), arena);
  ASSERT_EQ(result.size(), 3U);
  EXPECT_EQ(result.item(0).as_int(), 0);
  EXPECT_EQ(result.item(2).as_int(), 2);
  const json::Value failed = result.item(1);
  std::vector<std::string> names;
  for (uint32_t i = 0; i < failed.size(); ++i) names.emplace_back(failed.key(i));
  EXPECT_EQ(names,
            (std::vector<std::string>{"Cause", "Error", "ExecutionArn", "Input", "InputDetails",
                                      "Name", "RedriveCount", "RedriveStatus", "StartDate",
                                      "StateMachineArn", "Status", "StopDate"}));
  EXPECT_EQ(failed.find("Error").as_string(), "Odd");
  EXPECT_EQ(failed.find("Cause").as_string(), "1 is odd");
  EXPECT_EQ(failed.find("Input").as_string(), "1");
  EXPECT_EQ(failed.find("Status").as_string(), "FAILED");
  EXPECT_EQ(failed.find("ExecutionArn").as_string(), host_->query().child_arn(map_run(1), 1));
  expect_nothing_open();
}

TEST_F(HostTest, DistributedMap_ResultAtAndOverTheLimit) {
  open();
  const auto output_of = [](int bytes) {
    return fmt::format(R"({{"Type":"Pass","Output":"{{% $pad('', {}, 'x') %}}","End":true}})",
                       bytes);
  };
  // [a,b] with two strings: 2 brackets, 1 comma, 4 quotes.
  const std::string shape = R"("Items":[1,2],"Output":"{% $count($states.result) %}")";
  const reading::ExecutionView fits = finish(start(
      create(machine("M", "\"M\":" + distributed(shape, output_of((262'144 - 7) / 2))), "a")));
  EXPECT_EQ(fits.status, history::ExecutionStatus::kSucceeded) << fits.error.value_or("");
  const reading::ExecutionView over = finish(start(
      create(machine("M", "\"M\":" + distributed(shape, output_of((262'144 - 7) / 2 + 1))), "b")));
  EXPECT_EQ(over.status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(over.error, "States.DataLimitExceeded");
  expect_nothing_open();
}

TEST_F(HostTest, DistributedMap_ChildInputOverTheLimit_FailsTheRun) {
  open();
  const reading::ExecutionView view = run(machine(
      "M", "\"M\":" + distributed(R"("Items":[1],"ItemSelector":"{% $pad('', 262143, 'x') %}")")));
  EXPECT_EQ(view.error, "States.DataLimitExceeded");
  expect_nothing_open();
}

TEST_F(HostTest, DistributedMap_ItemSelectorThatNeverEnds_FailsTheRun) {
  open();
  const reading::ExecutionView view = run(machine(
      "M",
      "\"M\":" +
          distributed(
              R"("Items":[1],"ItemSelector":"{% ($f := function($n) { $f($n + 1) }; $f(0)) %}")")));
  EXPECT_EQ(view.status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(view.error, "States.QueryEvaluationError");
  expect_nothing_open();
}

TEST_F(HostTest, NestedDistributedMaps_Finish) {
  open();
  const std::string inner = distributed(R"("Items":"{% [1..3] %}")", kTask, "Inner");
  const reading::ExecutionView view =
      run(machine("M", "\"M\":" + distributed(R"("Items":"{% [1..4] %}")", inner, "Outer")));
  EXPECT_EQ(view.status, history::ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(view.output.view(), "[[1,2,3],[1,2,3],[1,2,3],[1,2,3]]");
  expect_nothing_open();
}

TEST_F(HostTest, NestedDistributedMaps_StopOfTheParent_ClosesAll) {
  open();
  tasks_.hold();
  const std::string inner = distributed(R"("Items":"{% [1..3] %}")", kTask, "Inner");
  const std::string arn = start(
      create(machine("M", "\"M\":" + distributed(R"("Items":"{% [1..4] %}")", inner, "Outer"))));
  ASSERT_TRUE(tasks_.wait_held(12));
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  ASSERT_TRUE(tasks_.wait_cancelled(12));
  for (uint64_t run = 1; run <= 5; ++run) await_map_run(run);
  for (uint64_t run = 1; run <= 5; ++run)
    EXPECT_EQ(map_run(run).status, records::MapRunStatus::kAborted);
  expect_nothing_open();
}

// ---- readers

TEST_F(HostTest, Listing_MaxItemsAndBatches) {
  const TempDirectory directory;
  for (int i = 0; i < 25; ++i)
    std::ofstream(fmt::format("{}/p-{:02}.txt", directory.path(), i)) << i;
  std::ofstream(directory.path() + "/other.txt") << "not this";
  ASSERT_TRUE(buckets_.add("photos", directory.path()));
  open();
  const std::string reader =
      R"("ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Arguments":{"Bucket":"photos","Prefix":"p-"}{}})";
  const auto with_max = [&](const std::string& config) {
    std::string text = reader;
    return text.replace(text.find("{}"), 2, config);
  };
  const std::string count =
      R"({"Type":"Pass","Output":"{% [$states.input.Items.Key] %}","End":true})";
  const reading::ExecutionView view =
      run(machine("M", "\"M\":" + distributed(with_max(R"(,"ReaderConfig":{"MaxItems":7})") +
                                                  R"(,"ItemBatcher":{"MaxItemsPerBatch":3})",
                                              count)));
  EXPECT_EQ(view.status, history::ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(
      view.output.view(),
      R"([["p-00.txt","p-01.txt","p-02.txt"],["p-03.txt","p-04.txt","p-05.txt"],["p-06.txt"]])");
  EXPECT_EQ(map_run(1).executions.total, 3U);
  EXPECT_EQ(map_run(1).items.total, 7U);
  expect_nothing_open();
}

TEST_F(HostTest, Listing_OfNoBucket_FailsTheRunAndCanBeCaught) {
  open();
  std::string map = distributed(
      R"("ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Arguments":{"Bucket":"none"}},)"
      R"("Catch":[{"ErrorEquals":["States.ItemReaderFailed"],"Next":"Z"}])");
  const reading::ExecutionView view =
      run(machine("M", "\"M\":" + map + R"(,"Z":{"Type":"Pass","Output":"caught","End":true})"));
  EXPECT_EQ(view.output.view(), R"("caught")");
  EXPECT_EQ(map_run(1).status, records::MapRunStatus::kFailed);
  expect_nothing_open();
}

// ---- recovery

TEST_F(HostTest, HostDroppedMidRun_ReopenedFinishesAndCountsAddUp) {
  FakeTasks before(echo);
  open(before);
  before.hold();
  const std::string arn = start(create(
      machine("M", "\"M\":" + distributed(R"("Items":"{% [1..60] %}","MaxConcurrency":25)"))));
  ASSERT_TRUE(before.wait_held(25));
  before.release(10);
  ASSERT_TRUE(before.wait_held(25));
  host_.reset();
  before.drop();
  FakeTasks after(echo);
  open(after);
  const reading::ExecutionView view = finish(arn);
  EXPECT_EQ(view.status, history::ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(map_run(1).executions.succeeded, 60U);
  // Ten answers were stored before; the rest is delivered again, each attempt under its old id.
  EXPECT_EQ(after.runs(), 50U);
  expect_nothing_open();
}

// What waits for a function that was not given tells what was told of it before.
TEST_F(HostTest, HostReopenedWithoutWhatTheRunNeeds_TellsItsCounts) {
  FakeTasks before(echo);
  open(before);
  before.hold();
  start(create(
      machine("M", "\"M\":" + distributed(R"("Items":"{% [1..60] %}","MaxConcurrency":25)"))));
  ASSERT_TRUE(before.wait_held(25));
  before.release(10);
  ASSERT_TRUE(before.wait_held(25));
  const std::string arn = map_run(1).arn;
  EXPECT_EQ(host_->map_run_progress(arn)->executions.succeeded, 10U);
  host_.reset();
  before.drop();
  auto held = Host::open({.clock = &clock_,
                          .shards = 3,
                          .tasks = &tasks_,
                          .can_go_on = [](const asl::Program&) -> base::Result<void> {
                            return base::fail(base::ErrorCode::kInvalidArgument, "add a function");
                          }},
                         *store_, nullptr, &buckets_);
  ASSERT_TRUE(held) << held.error().message;
  const auto progress = (*held)->map_run_progress(arn);
  ASSERT_TRUE(progress.has_value());
  EXPECT_EQ(progress->executions.succeeded, 10U);
  EXPECT_EQ(progress->executions.total, 60U);
  EXPECT_EQ(progress->executions.pending, 50U);
}

// Tasks whose outcomes it wants to know durable. It gives up none.
class UnsettledTasks : public FakeTasks {
 public:
  explicit UnsettledTasks(const store::Store& store) : FakeTasks(echo), store_(store) {}
  bool keeps_unsettled() const override { return true; }
  void cancel(const std::string&) override {}
  void run(const integrations::TaskRequest& request, Done done) override {
    {
      const std::lock_guard lock(mutex_);
      unsettled_[request.request_id] = request.key;
      again_ += request.again ? 1 : 0;
    }
    FakeTasks::run(request, std::move(done));
  }
  void settled(const std::string& request_id) override {
    const std::lock_guard lock(mutex_);
    const auto found = unsettled_.find(request_id);
    ASSERT_NE(found, unsettled_.end());
    const auto turn = store_.get(store::Family::kTurn, records::turn_key(found->second, 1));
    EXPECT_TRUE(turn && turn->has_value());
    unsettled_.erase(found);
    changed_.notify_all();
  }
  bool wait_unsettled(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(kDeadlineMs),
                             [&] { return unsettled_.size() == count; });
  }
  size_t again() {
    const std::lock_guard lock(mutex_);
    return again_;
  }

 private:
  const store::Store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, history::ExecutionKey> unsettled_;
  size_t again_ = 0;
};

TEST_F(HostTest, OutcomesThatAreDurableOrTooLate_AreSettled_AndOthersComeAgain) {
  UnsettledTasks tasks(*store_);
  open(tasks);
  tasks.hold();
  const std::string arn = create(machine("A", std::string(R"("A":)") + kTask));
  const std::string stopped = start(arn);
  const std::string answered = start(arn);
  ASSERT_TRUE(tasks.wait_held(2));
  ASSERT_TRUE(host_->stop_execution(stopped, "", ""));
  finish(stopped);
  tasks.release_all();
  finish(answered);
  EXPECT_TRUE(tasks.wait_unsettled(0));
  tasks.hold();
  const std::string interrupted = start(arn);
  ASSERT_TRUE(tasks.wait_held(1));
  EXPECT_EQ(tasks.again(), 0u);
  host_.reset();
  tasks.drop();
  open(tasks);
  ASSERT_TRUE(tasks.wait_held(1));
  EXPECT_EQ(tasks.again(), 1u);
  tasks.release_all();
  EXPECT_EQ(finish(interrupted).status, history::ExecutionStatus::kSucceeded);
  EXPECT_TRUE(tasks.wait_unsettled(0));
}

TEST_F(HostTest, UpdateMapRun_HoldsAtOnceAndAfterTheHostIsGone) {
  open();
  tasks_.hold();
  const std::string arn = start(create(
      machine("M", R"("M":)" + distributed(R"("Items":"{% [1..40] %}","MaxConcurrency":2)"))));
  ASSERT_TRUE(tasks_.wait_held(2));
  const std::string run = map_run(1).arn;
  ASSERT_TRUE(host_->update_map_run(run, {.max_concurrency = 10, .tolerated_failure_count = 3}));
  ASSERT_TRUE(tasks_.wait_held(10));
  records::MapRunRecord record = map_run(1);
  EXPECT_EQ(record.max_concurrency, 10);
  EXPECT_EQ(record.tolerated_failure_count, 3);
  ASSERT_EQ(record.changes.size(), 2u);
  EXPECT_EQ(record.changes[0].from, 2);
  EXPECT_EQ(record.changes[0].to, 10);
  host_.reset();
  tasks_.drop();
  open();
  ASSERT_TRUE(tasks_.wait_held(10));
  ASSERT_TRUE(host_->update_map_run(run, {.max_concurrency = 1}));
  tasks_.release_all();
  EXPECT_EQ(finish(arn).status, history::ExecutionStatus::kSucceeded);
  await_map_run(1);
  record = map_run(1);
  EXPECT_EQ(record.max_concurrency, 1);
  EXPECT_EQ(record.changes.size(), 3u);
  EXPECT_EQ(record.executions.succeeded, 40u);
  const auto late = host_->update_map_run(run, {.max_concurrency = 5});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::ErrorCode::kInvalidArgument);
}

TEST_F(HostTest, HostDroppedAgainAndAgain_FinishesOnRocksDb) {
  const TempDirectory directory;
  const auto reopen = [&] {
    host_.reset();
    store_.reset();
    auto opened = store::open_rocksdb({.directory = directory.path() + "/data"});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  };
  const std::string inner = distributed(R"("Items":"{% [1..5] %}")", kTask, "Inner");
  std::string arn;
  for (int round = 0; round < 6; ++round) {
    reopen();
    FakeTasks tasks(echo);
    tasks.hold();
    open(tasks);
    if (round == 0) {
      arn = start(
          create(machine("M", "\"M\":" + distributed(R"("Items":"{% [1..6] %}","MaxConcurrency":4)",
                                                     inner, "Outer"))));
    }
    ASSERT_TRUE(tasks.wait_held_at_least(4));
    tasks.release(4);
    host_.reset();
    tasks.drop();
  }
  reopen();
  open();
  const reading::ExecutionView view = finish(arn);
  EXPECT_EQ(view.status, history::ExecutionStatus::kSucceeded) << view.cause.value_or("");
  std::string expected;
  for (int i = 0; i < 6; ++i) expected += (i == 0 ? "[" : ",") + std::string("[1,2,3,4,5]");
  EXPECT_EQ(view.output.view(), expected + "]");
  expect_nothing_open();
  host_.reset();
  store_.reset();  // it may still be at work on its files, which go away with `directory`
}

TEST_F(HostTest, HostDroppedAfterTheStop_ReopenedClosesTheMapRun) {
  FakeTasks before(echo);
  open(before);
  before.hold();
  const std::string arn = start(create(
      machine("M", "\"M\":" + distributed(R"("Items":"{% [1..10] %}","MaxConcurrency":5)"))));
  ASSERT_TRUE(before.wait_held(5));
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  host_.reset();
  before.drop();
  open();
  await_map_run(1);
  EXPECT_EQ(map_run(1).status, records::MapRunStatus::kAborted);
  expect_nothing_open();
}

// The stop was acknowledged: what was due or out meanwhile begins nothing any more.
TEST_F(HostTest, HostDroppedAfterTheStop_ReopenedBeginsNothingOfIt) {
  FakeTasks before(echo);
  open(before);
  before.hold();
  const std::string nested = distributed(R"("Items":"{% [1..20] %}")", kTask, "Inner");
  const std::string arn =
      start(create(machine("M", "\"M\":" + distributed(R"("Items":"{% [1..20] %}")", nested))));
  ASSERT_TRUE(before.wait_held(400));
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  host_.reset();
  before.drop();
  FakeTasks after(echo);
  open(after);
  for (uint64_t run = 1; run <= 21; ++run)
    await_map_run(run);  // the outer one, and one of each child
  EXPECT_EQ(after.runs(), 0U);
  EXPECT_EQ(map_run(1).executions.succeeded, 0U);
  expect_nothing_open();
}

TEST_F(HostTest, WaitAndRetryTimers_SurviveTheHost) {
  FakeTasks before([](const integrations::TaskRequest& request) -> engine::Input {
    return engine::TaskFailed{request.scope, request.task, "Busy", "", std::nullopt};
  });
  open(before);
  const std::string arn = start(create(machine(
      "A",
      R"("A":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true,)"
      R"("Retry":[{"ErrorEquals":["Busy"],"IntervalSeconds":1,"MaxAttempts":1}]})")));
  // The failure is stored: what goes on after it is the retry.
  const auto key = *host_->query().find_execution(arn);
  while (host_->query().events(key)->back().type != history::EventType::kWeftRetryScheduled)
    std::this_thread::yield();
  host_.reset();
  open();
  EXPECT_EQ(finish(arn).status, history::ExecutionStatus::kSucceeded);
  expect_nothing_open();
}

}  // namespace
}  // namespace weft::running

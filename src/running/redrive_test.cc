#include <atomic>

#include "reading/redrivable.h"
#include "running/host_fixture.h"

// RedriveExecution and what it does to Map Runs.

namespace weft::running {
namespace {

using history::ExecutionStatus;

class RedriveTest : public HostTest {
 protected:
  RedriveTest()
      : tasks_that_break_([this](const integrations::TaskRequest& request) -> engine::Input {
          const bool odd = request.parameters.str().find_first_of("13579") != std::string::npos;
          if (!odd || !broken_) return echo(request);
          return engine::TaskFailed{request.scope, request.task, "Odd", "", std::nullopt};
        }) {}
  ~RedriveTest() override { host_.reset(); }

  base::UnixMs redrive(const std::string& arn, const std::string& token = "") {
    auto redriven = host_->redrive_execution(arn, token);
    EXPECT_TRUE(redriven) << redriven.error().message;
    return redriven.value_or(0);
  }
  std::string refusal(const std::string& arn) {
    const auto redriven = host_->redrive_execution(arn, "");
    if (redriven) return "";
    EXPECT_EQ(redriven.error().code, base::ErrorCode::kExecutionNotRedrivable);
    return redriven.error().message;
  }
  static std::string fan_out(const std::string& fields, bool express = false) {
    std::string state = distributed(fields);
    if (express) state.replace(state.find("\"STANDARD\""), 10, "\"EXPRESS\"");
    return machine("M", "\"M\":" + state);
  }
  reading::ExecutionView child(uint64_t index) {
    auto view = host_->query().execution(host_->query().child_arn(map_run(1), index));
    EXPECT_TRUE(view) << view.error().message;
    return view.value_or(reading::ExecutionView());
  }

  std::atomic<bool> broken_ = true;
  FakeTasks tasks_that_break_;
};

TEST_F(RedriveTest, FailedExecution_GoesOnAtTheStateThatFailed) {
  open(tasks_that_break_);
  const std::string arn = start(create(
      machine("A", std::string(R"("A":{"Type":"Pass","Output":1,"Next":"T"},"T":)") + kTask)));
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kFailed);
  broken_ = false;
  const base::UnixMs date = redrive(arn, "token");
  const auto view = finish(arn);
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(view.output.view(), "1");
  EXPECT_EQ(view.redrive_count, 1u);
  EXPECT_EQ(view.redrive_ms, date);
  EXPECT_FALSE(view.error);
  EXPECT_EQ(redrive(arn, "token"), date) << "the same token is the same redrive";
  EXPECT_EQ(refusal(arn), "Execution is SUCCEEDED and cannot be redriven");
  EXPECT_EQ(tasks_that_break_.runs(), 2u);
}

TEST_F(RedriveTest, WhatCannotBeRedriven) {
  tasks_.hold();
  open();
  const std::string running = start(create(machine("T", std::string("\"T\":") + kTask)));
  ASSERT_TRUE(tasks_.wait_held(1));
  EXPECT_EQ(refusal(running), "Execution is RUNNING and cannot be redriven");
  tasks_.release_all();
  EXPECT_EQ(finish(running).status, ExecutionStatus::kSucceeded);
  const auto unknown = host_->redrive_execution(running + "x", "");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, base::ErrorCode::kExecutionDoesNotExist);
}

TEST(NotRedrivable, ReasonsAreAwss) {
  using reading::not_redrivable;
  reading::RedriveFacts facts{.status = ExecutionStatus::kFailed,
                              .start_ms = 1'000,
                              .stop_ms = 2'000,
                              .events = 24'998,
                              .redrives = 999,
                              .now_ms = 2'000 + reading::kRedrivableMs};
  EXPECT_EQ(not_redrivable(facts), "");
  ++facts.now_ms;
  EXPECT_EQ(not_redrivable(facts), "Execution redrivable period exceeded");
  --facts.now_ms;
  ++facts.events;
  EXPECT_EQ(not_redrivable(facts), "Execution history event limit exceeded");
  --facts.events;
  ++facts.redrives;
  EXPECT_EQ(not_redrivable(facts), "Execution has been redriven 1000 times");
  facts = {.status = ExecutionStatus::kAborted, .now_ms = reading::kExecutionAgeMsMax + 1};
  facts.stop_ms = facts.now_ms;
  EXPECT_EQ(not_redrivable(facts), "Execution has exceeded the max execution time");
}

TEST_F(RedriveTest, MapRun_OnlyWhatDidNotSucceedRunsAgain) {
  for (const bool express : {false, true}) {
    SCOPED_TRACE(express ? "EXPRESS" : "STANDARD");
    store_ = store::open_memory();
    broken_ = true;
    FakeTasks tasks([this](const integrations::TaskRequest& request) -> engine::Input {
      const int n = std::stoi(request.parameters.str());
      if (n % 2 == 0 || !broken_) return echo(request);
      return engine::TaskFailed{request.scope, request.task, "Odd", "", std::nullopt};
    });
    open(tasks);
    const std::string arn =
        start(create(fan_out(R"("Items":"{% [0..9] %}","ToleratedFailureCount":4)", express)));
    EXPECT_EQ(finish(arn).error, "States.ExceedToleratedFailureThreshold");
    settle(1);
    EXPECT_EQ(map_run(1).executions.failed, 5u);
    broken_ = false;
    redrive(arn);
    const auto view = finish(arn);
    EXPECT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
    EXPECT_EQ(view.output.view(), "[0,1,2,3,4,5,6,7,8,9]");
    EXPECT_EQ(tasks.runs(), 15u);
    const records::MapRunRecord run = map_run(1);
    EXPECT_EQ(run.status, records::MapRunStatus::kSucceeded);
    EXPECT_EQ(run.redrive_count, 1u);
    EXPECT_NE(run.redrive_ms, 0);
    EXPECT_EQ(run.executions.succeeded, 10u);
    EXPECT_EQ(run.executions.total, 10u);
    EXPECT_EQ(child(1).redrive_count, 1u);
    EXPECT_EQ(child(1).status, ExecutionStatus::kSucceeded);
    EXPECT_EQ(child(2).redrive_count, 0u);
    const auto listed = host_->query().children(run.arn, std::nullopt, 100, "");
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->rows.size(), 10u);
    EXPECT_EQ(std::ranges::count(listed->rows, 1u, &reading::ExecutionItem::redrive_count), 5);
    expect_nothing_open();
    host_.reset();
  }
}

TEST_F(RedriveTest, MapRun_ThatFailsAgain_CountsWhatWaitedAsItWas) {
  FakeTasks tasks([this](const integrations::TaskRequest& request) -> engine::Input {
    const int n = std::stoi(request.parameters.str());
    if (n != 0 && !broken_) return echo(request);
    return engine::TaskFailed{request.scope, request.task, "Zero", "", std::nullopt};
  });
  open(tasks);
  const std::string arn = start(
      create(fan_out(R"("Items":"{% [0..5] %}","MaxConcurrency":1,"ToleratedFailureCount":3)")));
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kFailed);
  settle(1);
  EXPECT_EQ(map_run(1).executions.failed, 4u);
  EXPECT_EQ(map_run(1).executions.pending, 2u);
  broken_ = false;
  ASSERT_TRUE(host_->query().map_run(1));
  redrive(arn);  // 0 fails again and is tolerated: all others run
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(map_run(1).executions.failed, 1u);
  EXPECT_EQ(map_run(1).executions.succeeded, 5u);
  expect_nothing_open();
  host_.reset();
}

TEST_F(RedriveTest, Stopped_AndDroppedOnTheWay_EndsWell) {
  FakeTasks tasks(echo);
  tasks.hold();
  open(tasks);
  const std::string arn = start(create(fan_out(R"("Items":"{% [1..40] %}","MaxConcurrency":10)")));
  ASSERT_TRUE(tasks.wait_held(10));
  tasks.release(5);
  ASSERT_TRUE(tasks.wait_held(10));
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  redrive(arn);  // also while the Map Run still ends
  ASSERT_TRUE(tasks.wait_held_at_least(1));
  host_.reset();
  tasks.drop();
  open(tasks);
  tasks.release_all();
  const auto view = finish(arn);
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(view.redrive_count, 1u);
  EXPECT_EQ(map_run(1).executions.succeeded, 40u);
  EXPECT_EQ(map_run(1).redrive_count, 1u);
  expect_nothing_open();
  host_.reset();
}

TEST_F(RedriveTest, Export_WritesToAFolderOfItsOwn) {
  const std::string directory = testing::TempDir() + "weft-redrive-results";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  ASSERT_TRUE(buckets_.add("out", directory));
  FakeTasks tasks([this](const integrations::TaskRequest& request) -> engine::Input {
    if (request.parameters.view() != "3" || !broken_) return echo(request);
    return engine::TaskFailed{request.scope, request.task, "Three", "", std::nullopt};
  });
  open(tasks);
  const std::string arn = start(create(fan_out(
      R"("Items":[1,2,3],"MaxConcurrency":1,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject",)"
      R"("Arguments":{"Bucket":"out"},"WriterConfig":{"Transformation":"COMPACT"}})")));
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kFailed);
  broken_ = false;
  redrive(arn);
  const auto view = finish(arn);
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded);
  const std::string run = map_run(1).arn;
  const std::string folder = run.substr(run.rfind(':') + 1);
  EXPECT_NE(view.output.view().find(folder + "/Redrive-1/manifest.json"), std::string::npos);
  std::vector<std::string> succeeded;
  for (const history::ResultFile& file : map_run(1).result_files) succeeded.push_back(file.key);
  EXPECT_EQ(succeeded, (std::vector<std::string>{folder + "/SUCCEEDED_0.json",
                                                 folder + "/Redrive-1/SUCCEEDED_0.json"}));
  EXPECT_TRUE(std::filesystem::exists(directory + "/" + folder + "/FAILED_0.json"));
  host_.reset();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace weft::running

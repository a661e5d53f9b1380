#include <atomic>
#include <filesystem>
#include <fstream>

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

  // Of the only child of a Map Run.
  history::ChildRow row_of(uint64_t run) {
    history::ChildRow found;
    EXPECT_TRUE(host_->query().rows(run, [&](const history::ChildRow& row) {
      found = row;
      return true;
    }));
    return found;
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
    await_map_run(1);
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

// Two calls, a retry of the second, a crash while that is out; then it fails, and is redriven.
TEST_F(RedriveTest, RowOfAChild_IsToldByItsEventsWhateverHappened) {
  const auto answer = [this](const integrations::TaskRequest& request) -> engine::Input {
    const history::InvocationTiming timing{.queued_us = 3, .init_us = 20, .run_us = 500};
    if (request.program->state(request.state).name == "Second" && broken_)
      return engine::TaskFailed{request.scope, request.task, "Broken", "", timing};
    return engine::TaskSucceeded{request.scope, request.task, request.parameters, timing};
  };
  const std::string task = R"({"Type":"Task","Resource":)"
                           R"("arn:aws:lambda:us-east-1:000000000000:function:f",)";
  const std::string child =
      task + R"("Next":"Second"},"Second":)" + task +
      R"("Retry":[{"ErrorEquals":["Broken"],"MaxAttempts":1,"IntervalSeconds":1}],"End":true})";
  FakeTasks before(answer);
  open(before);
  before.hold();
  const std::string arn =
      start(create(machine("M", "\"M\":" + distributed(R"("Items":[1])", child))));
  ASSERT_TRUE(before.wait_held(1));
  before.release(1);
  ASSERT_TRUE(before.wait_held(1));
  host_.reset();
  before.drop();
  FakeTasks after(answer);
  open(after);
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kFailed);
  await_map_run(1);
  history::ChildRow row = row_of(1);
  EXPECT_EQ(row.run_us, 1'500u) << "the call before the crash counts too";
  EXPECT_EQ(row.cold_start_us, 60u);
  EXPECT_EQ(row.queue_us, 9u);
  EXPECT_EQ(row.retries, 1u);
  expect_nothing_open();
  broken_ = false;
  redrive(arn);
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kSucceeded);
  row = row_of(1);
  EXPECT_EQ(row.run_us, 500u) << "of its last run alone";
  EXPECT_EQ(row.retries, 0u);
  EXPECT_EQ(row.redrives, 1u);
  expect_nothing_open();
  host_.reset();
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
  await_map_run(1);
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

// A run with a ResultWriter of which one child failed, and what its redrive writes.
class RedrivenExportTest : public RedriveTest {
 protected:
  RedrivenExportTest()
      : threes_fail_([this](const integrations::TaskRequest& request) -> engine::Input {
          if (request.parameters.view() != "3" || !broken_) return echo(request);
          return engine::TaskFailed{request.scope, request.task, "Three", "", std::nullopt};
        }) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    EXPECT_TRUE(buckets_.add("out", directory_));
    open(threes_fail_);
    arn_ = start(create(fan_out(
        R"("Items":[1,2,3],"MaxConcurrency":1,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject",)"
        R"("Arguments":{"Bucket":"out"},"WriterConfig":{"Transformation":"COMPACT"}})")));
    EXPECT_EQ(finish(arn_).status, ExecutionStatus::kFailed);
    const std::string run = map_run(1).arn;
    folder_ = run.substr(run.rfind(':') + 1);
    broken_ = false;
  }
  ~RedrivenExportTest() override {
    host_.reset();
    std::filesystem::remove_all(directory_);
  }
  std::string path_of(const std::string& name) const {
    return directory_ + "/" + folder_ + "/" + name;
  }
  std::vector<std::string> named() {
    std::vector<std::string> keys;
    for (const history::ResultFile& file : map_run(1).result_files) keys.push_back(file.key);
    return keys;
  }

  const std::string directory_ = testing::TempDir() + "weft-redrive-results";
  FakeTasks threes_fail_;
  std::string arn_;
  std::string folder_;
};

TEST_F(RedrivenExportTest, WritesToAFolderOfItsOwn) {
  redrive(arn_);
  const auto view = finish(arn_);
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded);
  EXPECT_NE(view.output.view().find(folder_ + "/Redrive-1/manifest.json"), std::string::npos);
  EXPECT_EQ(named(), (std::vector<std::string>{folder_ + "/SUCCEEDED_0.json",
                                               folder_ + "/Redrive-1/SUCCEEDED_0.json"}));
  EXPECT_TRUE(std::filesystem::exists(path_of("FAILED_0.json")));
}

TEST_F(RedrivenExportTest, FileThatIsGone_IsNotNamedAndItsResultsAreWrittenAnew) {
  ASSERT_TRUE(std::filesystem::remove(path_of("SUCCEEDED_0.json")));
  redrive(arn_);
  EXPECT_EQ(finish(arn_).status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(named(), (std::vector<std::string>{folder_ + "/Redrive-1/SUCCEEDED_0.json"}));
  std::ifstream in(path_of("Redrive-1/SUCCEEDED_0.json"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "[1,2,3]");
}

TEST_F(RedrivenExportTest, BucketThatIsGone_FailsBeforeAnyChildRunsAgain) {
  std::filesystem::remove_all(directory_);
  const uint64_t before = threes_fail_.runs();
  redrive(arn_);
  EXPECT_EQ(finish(arn_).error, "States.ResultWriterFailed");
  EXPECT_EQ(threes_fail_.runs(), before);
  EXPECT_EQ(map_run(1).executions.failed, 1u);
  EXPECT_EQ(map_run(1).executions.succeeded, 2u);
}

}  // namespace
}  // namespace weft::running

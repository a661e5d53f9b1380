#include "integrations/activity/activity_tasks.h"

#include <map>
#include <memory>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "asl/compile.h"

// Tasks and workers, without an execution: what is said of a task comes back by hand.

namespace weft::activity {
namespace {

using std::chrono::seconds;

class ActivityTest : public testing::Test {
 protected:
  static std::string arn(const std::string& name) {
    return "arn:aws:states:us-east-1:000000000000:activity:" + name;
  }
  std::shared_ptr<const asl::Program> program(const std::string& activity) {
    const auto compiled = asl::compile(base::Text(fmt::format(
        R"({{"StartAt":"A","States":{{"A":{{"Type":"Task","Resource":"arn:aws:states:{}:activity:{}",)"
        R"("End":true}}}}}})",
        program_home_, activity)));
    EXPECT_NE(compiled.program, nullptr);
    return compiled.program;
  }
  void run(const std::string& id, const std::string& activity = "a") {
    tasks_.run({.key = {0, 1},
                .task = 1,
                .request_id = id,
                .program = program(activity),
                .parameters = base::Text('"' + id + '"')},
               [this, id](engine::Input input) {
                 started_[id].push_back(std::get<engine::ActivityStarted>(input).worker);
               });
  }
  void poll(const std::string& worker, const std::string& activity = "a") {
    const auto polled =
        tasks_.poll({.activity = arn(activity),
                     .worker = worker,
                     .until = now_ + seconds(60),
                     .gone = [this, worker] { return gone_ == worker; },
                     .answer =
                         [this, worker](std::optional<Work> work) {
                           EXPECT_FALSE(answers_.contains(worker)) << "answered twice";
                           answers_[worker] =
                               work ? work->task_token + work->input.str() : "nothing";
                         }});
    EXPECT_TRUE(polled);
  }
  using Started = std::map<std::string, std::vector<std::string>>;
  using Answers = std::map<std::string, std::string>;

  std::string program_home_ = "us-east-1:000000000000";
  ActivityTasks tasks_;
  Moment now_{};
  std::string gone_ = "nobody";
  Started started_;
  Answers answers_;
};

TEST_F(ActivityTest, WorkerGetsTheTask_OnceThatIsDurable) {
  run("t1");
  poll("w");
  EXPECT_EQ(started_, (Started{{"t1", {"w"}}}));
  EXPECT_TRUE(answers_.empty());
  tasks_.hand_out("t1", "token");
  EXPECT_EQ(answers_, (Answers{{"w", "token\"t1\""}}));
  tasks_.hand_out("t1", "token");
  tasks_.cancel("t1");
}

TEST_F(ActivityTest, FirstComeFirstServed) {
  poll("w1");
  poll("w2");
  run("t1");
  run("t2");
  run("t3");
  EXPECT_EQ(started_, (Started{{"t1", {"w1"}}, {"t2", {"w2"}}}));
  poll("w3");
  EXPECT_EQ(started_["t3"], std::vector<std::string>{"w3"});
}

TEST_F(ActivityTest, ActivitiesAreApart) {
  run("t1", "a");
  poll("w", "b");
  EXPECT_TRUE(started_.empty());
  run("t2", "b");
  EXPECT_EQ(started_, (Started{{"t2", {"w"}}}));
}

// Public definitions name an activity by the ARN it has where they were deployed.
TEST_F(ActivityTest, AnActivityOfAnotherAccount_IsTheOneOfItsName) {
  program_home_ = "eu-west-1:123456789012";
  run("t1");
  poll("w");
  EXPECT_EQ(started_, (Started{{"t1", {"w"}}}));
}

TEST_F(ActivityTest, TaskThatEndsWhileItIsOffered_LeavesItsWorkerInFront) {
  poll("w1");
  poll("w2");
  run("t1");
  tasks_.cancel("t1");
  tasks_.hand_out("t1", "token");
  EXPECT_TRUE(answers_.empty());
  run("t2");
  tasks_.hand_out("t2", "token");
  EXPECT_EQ(answers_, (Answers{{"w1", "token\"t2\""}}));
}

TEST_F(ActivityTest, TaskThatEndsInTheQueue_GoesToNobody) {
  run("t1");
  run("t2");
  tasks_.cancel("t1");
  poll("w");
  EXPECT_EQ(started_, (Started{{"t2", {"w"}}}));
}

TEST_F(ActivityTest, WorkerThatIsGone_GetsNothing) {
  poll("w1");
  poll("w2");
  gone_ = "w1";
  run("t1");
  EXPECT_EQ(started_, (Started{{"t1", {"w2"}}}));
}

TEST_F(ActivityTest, WorkersWaitUntilTheirTime) {
  EXPECT_EQ(tasks_.expire(now_), std::nullopt);
  poll("w1");
  now_ += seconds(10);
  poll("w2", "b");
  EXPECT_EQ(tasks_.expire(now_), Moment{} + seconds(60));
  now_ = Moment{} + seconds(60);
  EXPECT_EQ(tasks_.expire(now_), Moment{} + seconds(70));
  EXPECT_EQ(answers_, (Answers{{"w1", "nothing"}}));
  run("t1");
  EXPECT_TRUE(started_.empty());
}

TEST_F(ActivityTest, TooManyWorkers_AreRefused) {
  for (size_t i = 0; i < ActivityTasks::kPollsMax; ++i) poll(fmt::format("w{}", i));
  const auto refused = tasks_.poll({.activity = arn("a")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(aws::aws_name(refused.error()), "ActivityWorkerLimitExceeded");
  poll("other", "b");
  gone_ = "w7";
  poll("one more");
}

TEST_F(ActivityTest, Shutdown_TellsAllWorkers) {
  poll("w1");
  poll("w2");
  run("t1");
  tasks_.shutdown();
  EXPECT_EQ(answers_, (Answers{{"w1", "nothing"}, {"w2", "nothing"}}));
}

}  // namespace
}  // namespace weft::activity

#include "cli/wait_notes.h"

#include <gtest/gtest.h>

namespace weft::cli {
namespace {

const std::string kActivity = "arn:aws:states:us-east-1:000000000000:activity:work";

TEST(WaitNotes, EachTaskOnce_WithTheWayToAnswer) {
  WaitNotes notes("http://127.0.0.1:9338");
  std::vector<running::WaitingTask> waiting = {
      {.state_name = "Ask",
       .resource = "arn:aws:states:::lambda:invoke.waitForTaskToken",
       .task_token = "TOKEN",
       .attempt = 1},
      {.state_name = "Do", .resource = kActivity, .attempt = 2}};
  EXPECT_EQ(notes.fresh(waiting),
            (std::vector<std::string>{
                "Ask waits for a task token; whoever decides answers with\n"
                "  aws stepfunctions send-task-success --endpoint-url http://127.0.0.1:9338 "
                "--task-token TOKEN --task-output '{}'",
                "Do waits for a worker of the activity work; one asks for the work with\n"
                "  aws stepfunctions get-activity-task --endpoint-url http://127.0.0.1:9338 "
                "--activity-arn " +
                    kActivity}));
  EXPECT_TRUE(notes.fresh(waiting).empty());
  waiting[0].attempt = 3;  // tried again, with another token
  EXPECT_EQ(notes.fresh(waiting).size(), 1U);
}

TEST(WaitNotes, WorkThatAWorkerHas_IsNotTold) {
  WaitNotes notes("http://127.0.0.1:9338");
  EXPECT_TRUE(
      notes.fresh({{.state_name = "Do", .resource = kActivity, .task_token = "T", .attempt = 1}})
          .empty());
}

TEST(WaitNotes, StateNamesCannotMoveTheCursor) {
  WaitNotes notes("http://127.0.0.1:9338");
  const auto fresh = notes.fresh({{.state_name = "A\x1b[2J", .resource = kActivity, .attempt = 1}});
  ASSERT_EQ(fresh.size(), 1U);
  EXPECT_EQ(fresh[0].find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace weft::cli

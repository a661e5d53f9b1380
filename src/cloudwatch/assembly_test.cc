#include "cloudwatch/assembly.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weft::cloudwatch {
namespace {

using history::Event;
using history::EventType;
using enum history::EventType;

const std::string kArn = "arn:aws:states:us-east-1:000000000000:execution:m:e";

LogEvent line(uint64_t id, EventType type, uint64_t previous, std::string name = "",
              int64_t number = 0) {
  LogEvent out{.execution_arn = kArn};
  out.event = {.type = type,
               .id = id,
               .previous_id = previous,
               .time_ms = static_cast<int64_t>(id) * 10,
               .name = std::move(name),
               .number = number};
  return out;
}

AssembledExecution assemble(std::vector<LogEvent> lines) {
  Assembly assembly;
  for (LogEvent& line : lines) assembly.add(std::move(line));
  auto all = assembly.finish();
  return all.empty() ? AssembledExecution() : std::move(all.front());
}

// "id:scope id:scope ..."; internal events as "r:scope@time".
std::string scopes(const AssembledExecution& execution) {
  std::string out;
  for (const Event& event : execution.events) {
    out += event.id == 0 ? fmt::format("r:{}@{} ", event.scope, event.time_ms)
                         : fmt::format("{}:{} ", event.id, event.scope);
  }
  return out;
}

TEST(Assembly, Lines_AreSortedAndDeduplicated) {
  const auto execution =
      assemble({line(3, kPassStateExited, 2, "A"), line(1, kExecutionStarted, 0),
                line(2, kPassStateEntered, 0, "A"), line(3, kPassStateExited, 2, "A")});
  EXPECT_EQ(scopes(execution), "1:0 2:0 3:0 ");
  EXPECT_EQ(execution.duplicates, 1u);
  EXPECT_FALSE(execution.incomplete);
}

TEST(Assembly, MissingLines_AreFlagged) {
  EXPECT_TRUE(
      assemble({line(1, kExecutionStarted, 0), line(3, kPassStateExited, 2, "A")}).incomplete);
  EXPECT_TRUE(assemble({line(2, kPassStateEntered, 0, "A")}).incomplete);
}

TEST(Assembly, OfTwoLinesAboutOneEvent_TheUncutWins) {
  LogEvent cut = line(1, kExecutionStarted, 0);
  cut.event.text = base::Text("{\"a\": 1");
  cut.truncated = true;
  LogEvent whole = line(1, kExecutionStarted, 0);
  whole.event.text = base::Text("{}");
  EXPECT_EQ(assemble({cut, whole}).events[0].text.view(), "{}");
  EXPECT_EQ(assemble({whole, cut}).events[0].text.view(), "{}");
}

TEST(Assembly, Executions_AreKeptApart) {
  Assembly assembly;
  LogEvent child = line(1, kExecutionStarted, 0);
  child.execution_arn = "arn:aws:states:us-east-1:000000000000:execution:m/l:c";
  child.map_run_arn = "arn:run";
  assembly.add(child);
  assembly.add(line(1, kExecutionStarted, 0));
  const auto all = assembly.finish();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].map_run_arn, "arn:run");
  EXPECT_EQ(all[1].arn, kArn);
}

TEST(Scopes, ParallelBranches_GetTheirOwn) {
  EXPECT_EQ(
      scopes(assemble({line(1, kExecutionStarted, 0), line(2, kParallelStateEntered, 0, "P"),
                       line(3, kParallelStateStarted, 2), line(4, kWaitStateEntered, 3, "A"),
                       line(5, kPassStateEntered, 3, "B"), line(6, kPassStateExited, 5, "B"),
                       line(7, kWaitStateExited, 4, "A"), line(8, kParallelStateSucceeded, 7),
                       line(9, kParallelStateExited, 7, "P"), line(10, kExecutionSucceeded, 9)})),
      "1:0 2:0 3:0 4:1 5:2 6:2 7:1 8:0 9:0 10:0 ");
}

TEST(Scopes, Iterations_FollowFinishedOnes) {
  EXPECT_EQ(scopes(assemble(
                {line(1, kExecutionStarted, 0), line(2, kMapStateEntered, 0, "M"),
                 line(3, kMapStateStarted, 2), line(4, kMapIterationStarted, 3, "M", 0),
                 line(5, kPassStateEntered, 4, "S"), line(6, kPassStateExited, 5, "S"),
                 line(7, kMapIterationSucceeded, 6, "M", 0),
                 line(8, kMapIterationStarted, 6, "M", 1), line(9, kPassStateEntered, 8, "S"),
                 line(10, kPassStateExited, 9, "S"), line(11, kMapIterationSucceeded, 10, "M", 1),
                 line(12, kMapStateSucceeded, 11), line(13, kMapStateExited, 11, "M")})),
            "1:0 2:0 3:0 4:0 5:1 6:1 7:0 8:0 9:2 10:2 11:0 12:0 13:0 ");
}

TEST(Scopes, AFailedIteration_BringsDownItsSiblings) {
  EXPECT_EQ(
      scopes(assemble({line(1, kExecutionStarted, 0), line(2, kMapStateEntered, 0, "M"),
                       line(3, kMapStateStarted, 2), line(4, kMapIterationStarted, 3, "M", 0),
                       line(5, kMapIterationStarted, 3, "M", 1), line(6, kTaskStateEntered, 4, "T"),
                       line(7, kTaskScheduled, 6), line(8, kTaskStateEntered, 5, "T"),
                       line(9, kTaskScheduled, 8), line(10, kTaskFailed, 9),
                       line(11, kMapIterationFailed, 10, "M", 1), line(12, kTaskStateAborted, 10),
                       line(13, kMapIterationAborted, 10, "M", 0), line(14, kTaskStateAborted, 10),
                       line(15, kMapStateFailed, 10), line(16, kExecutionFailed, 15)})),
      "1:0 2:0 3:0 4:0 5:0 6:1 7:1 8:2 9:2 10:2 11:0 12:2 13:0 14:1 15:0 16:0 ");
}

TEST(Scopes, Retries_AreInserted) {
  EXPECT_EQ(scopes(assemble({line(1, kExecutionStarted, 0), line(2, kTaskStateEntered, 0, "T"),
                             line(3, kTaskScheduled, 2), line(4, kTaskFailed, 3),
                             line(5, kTaskScheduled, 4), line(6, kTaskSucceeded, 5),
                             line(7, kTaskStateExited, 6, "T")})),
            "1:0 2:0 3:0 4:0 r:0@40 5:0 6:0 7:0 ");
}

TEST(Scopes, ARetriedParallelState_StartsFreshBranches) {
  EXPECT_EQ(scopes(assemble({line(1, kExecutionStarted, 0), line(2, kParallelStateEntered, 0, "P"),
                             line(3, kParallelStateStarted, 2), line(4, kTaskStateEntered, 3, "T"),
                             line(5, kTaskScheduled, 4), line(6, kTaskFailed, 5),
                             line(7, kTaskStateAborted, 6), line(8, kParallelStateStarted, 6),
                             line(9, kTaskStateEntered, 8, "T")})),
            "1:0 2:0 3:0 4:1 5:1 6:1 r:0@60 7:1 8:0 9:2 ");
}

TEST(Scopes, BehindAGap_NothingTakesTheExecutionsOwnState) {
  const auto execution =
      assemble({line(1, kExecutionStarted, 0), line(2, kMapStateEntered, 0, "M"),
                line(3, kMapStateStarted, 2), line(5, kPassStateEntered, 4, "S"),
                line(6, kPassStateExited, 5, "S"), line(12, kMapStateExited, 11, "M")});
  EXPECT_EQ(scopes(execution), "1:0 2:0 3:0 5:1 6:1 12:0 ");
  EXPECT_TRUE(execution.incomplete);
}

TEST(Scopes, AFailedEvaluation_BelongsToItsStateByName) {
  EXPECT_EQ(
      scopes(assemble({line(1, kExecutionStarted, 0), line(2, kMapStateEntered, 0, "M"),
                       line(3, kMapStateStarted, 2), line(4, kMapIterationStarted, 3, "M", 0),
                       line(5, kMapIterationStarted, 3, "M", 1), line(6, kPassStateEntered, 4, "S"),
                       line(7, kPassStateEntered, 5, "S"), line(8, kEvaluationFailed, 5, "S"),
                       line(9, kMapIterationFailed, 8, "M", 1), line(10, kMapStateFailed, 8)})),
      "1:0 2:0 3:0 4:0 5:0 6:1 7:2 8:2 9:0 10:0 ");
}

}  // namespace
}  // namespace weft::cloudwatch

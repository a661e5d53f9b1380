#include "base/limits.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "asl/compile.h"
#include "engine/case_runner.h"

// What needs more events than a data case should hold, or many seeds.

namespace weft::engine {
namespace {

std::shared_ptr<const asl::Program> compiled(const std::string& definition) {
  const asl::CompileResult result = asl::compile(base::Text(definition));
  EXPECT_NE(result.program, nullptr) << asl::invalid_definition(result.diagnostics).message;
  return result.program;
}

// The limit is looked at between states: the events of one state may come on top.
constexpr uint64_t kOverrun = 3;

// A loop of a Choice and a Pass that ends when n reaches 0.
std::string loop() {
  return R"({"QueryLanguage":"JSONata","StartAt":"More","States":{
    "More":{"Type":"Choice","Choices":[{"Condition":"{% $states.input.n > 0 %}","Next":"Less"}],"Default":"Done"},
    "Less":{"Type":"Pass","Output":{"n":"{% $states.input.n - 1 %}"},"Next":"More"},
    "Done":{"Type":"Succeed"}}})";
}

TEST(Turn, LoopOfManyStates_YieldsAndGoesOn) {
  CaseRunner runner(compiled(loop()), {.rebuild_each_turn = true});
  runner.begin(R"({"n":1000})");
  EXPECT_EQ(runner.state().status, history::ExecutionStatus::kSucceeded);
  // 2,002 states in turns of 256, counting none twice.
  EXPECT_EQ(runner.turns(),
            (2002 + base::kTransitionsPerTurnMax - 1) / base::kTransitionsPerTurnMax);
  EXPECT_EQ(runner.violations(), std::vector<std::string>());
}

TEST(HistoryLimit, LoopWithoutEnd_FailsTheExecution) {
  CaseRunner runner(compiled(loop()), {});
  runner.begin(R"({"n":1000000})");
  EXPECT_EQ(runner.state().status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(runner.state().cause,
            "The execution reached the maximum number of history events (25000).");
  EXPECT_LE(runner.state().last_event_id, base::kHistoryEventsMax + kOverrun);
  EXPECT_GE(runner.state().last_event_id, base::kHistoryEventsMax - 2);
}

TEST(HistoryLimit, TaskThatIsRetriedForEver_FailsTheExecution) {
  CaseRunner runner(compiled(R"({"QueryLanguage":"JSONata","StartAt":"Call","States":{
    "Call":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true,
      "Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"BackoffRate":1,"MaxAttempts":99999999}]}}})"),
                    {});
  runner.begin("{}");
  for (int i = 0; i < 10'000 && !runner.state().closed(); ++i) {
    ASSERT_TRUE(runner.fail("Call", {.error = "Busy"}));
    runner.advance(1'000);
  }
  EXPECT_EQ(runner.state().status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(runner.state().cause,
            "The execution reached the maximum number of history events (25000).");
  EXPECT_LE(runner.state().last_event_id, base::kHistoryEventsMax + kOverrun);
  EXPECT_EQ(runner.violations(), std::vector<std::string>());
}

TEST(HistoryLimit, InlineMapOfManyItems_FailsTheExecution) {
  CaseRunner runner(compiled(R"({"QueryLanguage":"JSONata","StartAt":"Each","States":{
    "Each":{"Type":"Map","Items":"{% [1..9000] %}","End":true,
      "ItemProcessor":{"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}}}}})"),
                    {});
  runner.begin("{}");
  EXPECT_EQ(runner.state().status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(runner.state().cause,
            "The execution reached the maximum number of history events (25000).");
  EXPECT_LE(runner.state().last_event_id, base::kHistoryEventsMax + kOverrun);
}

// States S1, S2 ..., each of which assigns its input to the variable that `name` gives.
std::string assigning(int states, const std::function<std::string(int)>& name) {
  std::string all;
  for (int i = 1; i <= states; ++i) {
    all += fmt::format(
        R"("S{}":{{"Type":"Pass","Assign":{{"{}":"{{% $states.input %}}"}},"Next":"S{}"}},)", i,
        name(i), i + 1);
  }
  return fmt::format(
      R"({{"QueryLanguage":"JSONata","StartAt":"S1","States":{{{}"S{}":{{"Type":"Succeed"}}}}}})",
      all, states + 1);
}

// Forty of them fit into 10 MiB.
std::string large_input() { return '"' + std::string(262'140, 'x') + '"'; }

TEST(VariablesLimit, MoreThanTenMebibytesInAll_FailTheExecution) {
  CaseRunner runner(compiled(assigning(41, [](int i) { return fmt::format("v{}", i); })), {});
  runner.begin(large_input());
  EXPECT_EQ(runner.state().status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(runner.state().error, "States.DataLimitExceeded");
  EXPECT_EQ(runner.state().cause,
            "With what the state 'S41' assigns, the variables of the execution exceed the maximum "
            "number of bytes (10485760).");
}

TEST(VariablesLimit, VariableThatIsAssignedAgain_CountsOnce) {
  CaseRunner runner(compiled(assigning(60, [](int) { return "v"; })), {});
  runner.begin(large_input());
  EXPECT_EQ(runner.state().status, history::ExecutionStatus::kSucceeded);
}

TEST(Retry, FullJitter_DrawsBetweenZeroAndTheDelay) {
  int64_t least = INT64_MAX;
  int64_t most = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    CaseRunner runner(compiled(R"({"QueryLanguage":"JSONata","StartAt":"Call","States":{
      "Call":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true,
        "Retry":[{"ErrorEquals":["Busy"],"IntervalSeconds":10,"JitterStrategy":"FULL"}]}}})"),
                      {.random_seed = seed});
    runner.begin("{}");
    runner.fail("Call", {.error = "Busy"});
    const history::Event& scheduled = runner.events().back();
    ASSERT_EQ(scheduled.type, history::EventType::kWeftRetryScheduled);
    const int64_t delay_ms = scheduled.number - scheduled.time_ms;
    EXPECT_GE(delay_ms, 0);
    EXPECT_LE(delay_ms, 10'000);
    least = std::min(least, delay_ms);
    most = std::max(most, delay_ms);
  }
  EXPECT_LT(least, 500);
  EXPECT_GT(most, 9'500);
}

}  // namespace
}  // namespace weft::engine

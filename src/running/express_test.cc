#include <algorithm>
#include <future>
#include <string>

#include "arn/arn.h"
#include "json/parse.h"
#include "running/host_fixture.h"

// Express executions, of their own and as children of a Map Run: what is stored of them and when,
// and what a crash leaves.

namespace weft::running {
namespace {

using history::ExecutionStatus;

class ExpressTest : public HostTest {
 protected:
  std::string create_express(const std::string& definition) {
    return create(definition, "machine", true);
  }
  std::future<base::Result<reading::ExecutionView>> start_synchronous(
      const std::string& machine_arn, const std::string& input = "{}") {
    auto promise = std::make_shared<std::promise<base::Result<reading::ExecutionView>>>();
    host_->start_synchronous_execution({.machine_arn = machine_arn, .input = base::Text(input)},
                                       [promise](base::Result<reading::ExecutionView> ended) {
                                         promise->set_value(std::move(ended));
                                       });
    return promise->get_future();
  }
  reading::ExecutionView run_synchronously(const std::string& machine_arn,
                                           const std::string& input = "{}") {
    auto ended = start_synchronous(machine_arn, input).get();
    EXPECT_TRUE(ended) << ended.error().message;
    return ended ? *ended : reading::ExecutionView();
  }
  size_t keys(store::Family family) {
    size_t count = 0;
    (void)store_->scan(family, "", "", false, [&](std::string_view, std::string_view) {
      ++count;
      return true;
    });
    return count;
  }
  std::vector<history::Event> events(const std::string& arn) {
    const auto key = host_->query().find_execution(arn);
    EXPECT_TRUE(key) << key.error().message;
    return key ? *host_->query().events(*key) : std::vector<history::Event>();
  }
  // The process ends: what is not on disk is gone.
  void crash() {
    tasks_.drop();
    host_.reset();
    open();
  }
};

std::string one_task() { return machine("A", fmt::format(R"("A":{})", kTask)); }

std::string express_children(const std::string& fields, const std::string& child = kTask) {
  std::string map = distributed(fields, child);
  const std::string standard = "STANDARD";
  map.replace(map.find(standard), standard.size(), "EXPRESS");
  return machine("M", "\"M\":" + map);
}

// ---- of their own

TEST_F(ExpressTest, OneName_MayBeUsedTwice) {
  open();
  const std::string machine_arn = create_express(one_task());
  const std::string first = start(machine_arn, R"({"a":1})", "one");
  const std::string second = start(machine_arn, R"({"a":1})", "one");
  EXPECT_NE(first, second);
  EXPECT_TRUE(first.starts_with("arn:aws:states:us-east-1:000000000000:express:machine:one:"));
  for (const std::string& arn : {first, second}) {
    const reading::ExecutionView view = finish(arn);
    EXPECT_EQ(view.status, ExecutionStatus::kSucceeded);
    EXPECT_EQ(view.arn, arn);
    EXPECT_EQ(view.name, "one");
    EXPECT_EQ(view.output.view(), R"({"a":1})");
    EXPECT_EQ(events(arn).size(), 7U);
  }
  // A record and one turn each, and no name.
  EXPECT_EQ(keys(store::Family::kExecution), 2U);
  EXPECT_EQ(keys(store::Family::kTurn), 2U);
  EXPECT_EQ(keys(store::Family::kName), 0U);
  std::string other = first;
  other.back() = other.back() == '0' ? '1' : '0';
  EXPECT_FALSE(host_->query().find_execution(other));
}

TEST_F(ExpressTest, Started_IsStoredAsItBeganUntilItEnds) {
  open();
  tasks_.hold();
  const std::string arn = start(create_express(one_task()), R"({"a":1})");
  ASSERT_TRUE(tasks_.wait_held(1));
  EXPECT_EQ(host_->query().execution(arn)->status, ExecutionStatus::kRunning);
  EXPECT_EQ(events(arn).size(), 4U);
  tasks_.release_all();
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(events(arn).size(), 7U);
}

TEST_F(ExpressTest, StartedBeforeACrash_BeginsAgain) {
  open();
  tasks_.hold();
  const std::string arn = start(create_express(one_task()), R"({"a":1})", "one");
  ASSERT_TRUE(tasks_.wait_held(1));
  const base::UnixMs start_ms = host_->query().execution(arn)->start_ms;
  crash();
  ASSERT_TRUE(tasks_.wait_held(1));
  tasks_.release_all();
  const reading::ExecutionView view = finish(arn);
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(view.input.view(), R"({"a":1})");
  EXPECT_EQ(view.start_ms, start_ms);
  EXPECT_EQ(events(arn).size(), 7U);
  EXPECT_EQ(tasks_.runs(), 2U);
  EXPECT_EQ(tasks_.distinct(), 2U) << "the second run is another one";
  expect_nothing_open();
}

TEST_F(ExpressTest, Ended_IsNotStartedAgain) {
  open();
  const std::string arn = start(create_express(one_task()));
  finish(arn);
  crash();
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(tasks_.runs(), 1U);
}

TEST_F(ExpressTest, MoreEventsThanAStandardExecutionMayHave) {
  open();
  const std::string loop = machine(
      "A",
      R"("A":{"Type":"Pass","Output":{"n":"{% $states.input.n + 1 %}"},"Next":"B"},)"
      R"("B":{"Type":"Choice","Choices":[{"Condition":"{% $states.input.n < 7000 %}","Next":"A"}],)"
      R"("Default":"C"},"C":{"Type":"Succeed"})");
  const reading::ExecutionView view = run_synchronously(create_express(loop), R"({"n":0})");
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(events(view.arn).size(), 28'004U);
}

TEST_F(ExpressTest, HistoryThatMemoryMayNotHold_FailsByName) {
  open();
  const std::string endless = machine(
      "A", R"("A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice",)"
           R"("Choices":[{"Condition":"{% $states.input = 1 %}","Next":"C"}],"Default":"A"},)"
           R"("C":{"Type":"Succeed"})");
  const reading::ExecutionView view =
      run_synchronously(create_express(endless), "\"" + std::string(250'000, 'x') + "\"");
  EXPECT_EQ(view.status, ExecutionStatus::kFailed);
  EXPECT_EQ(view.error, "States.Runtime");
  EXPECT_EQ(view.cause,
            "The execution reached the maximum size of an Express history (67108864 bytes).");
}

TEST_F(ExpressTest, TimeOver_TimesOut) {
  express_ms_max_ = 1;
  open();
  tasks_.hold();
  const reading::ExecutionView view = run_synchronously(create_express(one_task()));
  EXPECT_EQ(view.status, ExecutionStatus::kTimedOut);
  EXPECT_EQ(view.error, "States.Timeout");
  EXPECT_FALSE(view.cause);
  EXPECT_TRUE(tasks_.wait_cancelled(1));
}

// ---- StartSyncExecution

TEST_F(ExpressTest, Synchronous_IsThereFromItsEndOn) {
  open();
  tasks_.hold();
  auto ended = start_synchronous(create_express(one_task()), R"({"a":1})");
  ASSERT_TRUE(tasks_.wait_held(1));
  EXPECT_EQ(keys(store::Family::kExecution), 0U);
  EXPECT_EQ(keys(store::Family::kTurn), 0U);
  tasks_.release_all();
  const auto view = ended.get();
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(view->output.view(), R"({"a":1})");
  EXPECT_EQ(keys(store::Family::kExecution), 1U);
  EXPECT_EQ(keys(store::Family::kTurn), 1U);
  EXPECT_EQ(events(view->arn).size(), 7U);
}

TEST_F(ExpressTest, SynchronousBeforeACrash_IsGone) {
  open();
  tasks_.hold();
  auto ended = start_synchronous(create_express(one_task()));
  ASSERT_TRUE(tasks_.wait_held(1));
  crash();
  EXPECT_EQ(keys(store::Family::kExecution), 0U);
  tasks_.release_all();
  EXPECT_EQ(tasks_.runs(), 1U);
  EXPECT_THROW((void)ended.get(), std::future_error);
}

TEST_F(ExpressTest, SynchronousOfAStandardMachine_IsRefused) {
  open();
  const auto ended = start_synchronous(create(one_task())).get();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, base::ErrorCode::kStateMachineTypeNotSupported);
  EXPECT_EQ(ended.error().message, "This operation is not supported by this type of state machine");
}

// ---- children of a Map Run

TEST_F(ExpressTest, Children_AreOneTurnEach) {
  open();
  const reading::ExecutionView view = run(express_children(R"("Items":[1,2,3,4,5])"));
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(view.output.view(), "[1,2,3,4,5]");
  await_map_run(1);
  EXPECT_TRUE(map_run(1).express);
  size_t turns = 0;
  auto read = host_->query().turns(1, [&](history::ExecutionKey, const history::TurnEvents& turn) {
    EXPECT_EQ(turn.events.size(), 7U);
    ++turns;
    return true;
  });
  ASSERT_TRUE(read);
  EXPECT_EQ(turns, 5U);
  const auto children = host_->query().children(map_run(1).arn, std::nullopt, 10, "");
  ASSERT_TRUE(children);
  ASSERT_EQ(children->rows.size(), 5U);
  for (const reading::ExecutionItem& child : children->rows) {
    EXPECT_TRUE(child.arn.starts_with("arn:aws:states:us-east-1:000000000000:express:machine/L:"));
    EXPECT_TRUE(child.arn.ends_with(child.name)) << child.name;
    EXPECT_EQ(host_->query().find_execution(child.arn), child.key);
    EXPECT_EQ(host_->query().execution(child.arn)->name, child.name);
  }
  expect_nothing_open();
}

TEST_F(ExpressTest, ToleratedFailure_NamesTheExpressExecution) {
  FakeTasks failing([](const integrations::TaskRequest& request) -> engine::Input {
    return engine::TaskFailed{request.scope, request.task, "Odd", "no", std::nullopt};
  });
  open(failing);
  const reading::ExecutionView view =
      run(express_children(R"("Items":[1],"ToleratedFailureCount":1)"));
  ASSERT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  json::Arena arena;
  const json::Value failure = json::parse(view.output.view(), arena)->item(0);
  const std::string arn(failure.find("ExecutionArn").as_string());
  EXPECT_EQ(arn::parse_states_arn(arn)->kind, "express");
  EXPECT_EQ(failure.find("Name").as_string(), arn::execution_name_of(arn));
}

TEST_F(ExpressTest, ChildrenBeforeACrash_RunAgainAndEndOnce) {
  open();
  tasks_.hold();
  const std::string arn =
      start(create(express_children(R"("Items":[1,2,3,4,5,6],"MaxConcurrency":4)")));
  ASSERT_TRUE(tasks_.wait_held(4));
  tasks_.release(2);
  ASSERT_TRUE(tasks_.wait_held(4));
  crash();
  ASSERT_TRUE(tasks_.wait_held(4));
  tasks_.release_all();
  const reading::ExecutionView view = finish(arn);
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(view.output.view(), "[1,2,3,4,5,6]");
  await_map_run(1);
  expect_nothing_open();
  EXPECT_EQ(map_run(1).executions.succeeded, 6U);
}

// A machine over Express children that call twice.
std::string calling_twice() {
  std::string first(kTask);
  first.replace(first.find(R"("End":true)"), 10, R"("Next":"Again")");
  return express_children(R"("Items":[1,2,3],"MaxConcurrency":2)", first + ",\"Again\":" + kTask);
}

TEST_F(ExpressTest, ChildrenOfAStoppedExecution_EndTheCallTheyAreAt) {
  open();
  tasks_.hold();
  const std::string arn = start(create(express_children(R"("Items":[1,2,3],"MaxConcurrency":2)")));
  ASSERT_TRUE(tasks_.wait_held(2));
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kAborted);
  ASSERT_TRUE(tasks_.wait_withdrawals(2));  // their children have heard of it
  tasks_.release_all();
  await_map_run(1);
  EXPECT_EQ(map_run(1).status, records::MapRunStatus::kAborted);
  EXPECT_EQ(map_run(1).executions.succeeded, 2U);
  EXPECT_EQ(map_run(1).executions.aborted, 0U);
  EXPECT_EQ(map_run(1).executions.pending, 1U);
}

TEST_F(ExpressTest, ChildrenOfAStoppedExecution_BeginNoCallMore) {
  open();
  tasks_.hold();
  const std::string arn = start(create(calling_twice()));
  ASSERT_TRUE(tasks_.wait_held(2));
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kAborted);
  ASSERT_TRUE(tasks_.wait_withdrawals(2));  // their children have heard of it
  tasks_.release_all();
  await_map_run(1);
  EXPECT_EQ(tasks_.runs(), 2U);
  EXPECT_EQ(map_run(1).executions.aborted, 2U);
  EXPECT_EQ(map_run(1).executions.pending, 1U);
  const auto child = host_->query().execution(host_->query().child_arn(map_run(1), 0));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->status, ExecutionStatus::kAborted);
}

// Calls that wait for a process of their function have not begun.
TEST_F(ExpressTest, ChildrenOfAStoppedExecution_WhoseCallsWait_AreStoppedAtOnce) {
  open();
  tasks_.hold();
  tasks_.let_withdraw();
  const std::string arn = start(create(express_children(R"("Items":[1,2,3],"MaxConcurrency":2)")));
  ASSERT_TRUE(tasks_.wait_held(2));
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  await_map_run(1);
  EXPECT_EQ(map_run(1).executions.aborted, 2U);
  EXPECT_EQ(tasks_.runs(), 2U);
}

// AWS waits for Express children of a run that fails.
TEST_F(ExpressTest, ChildrenOfAFailedRun_GoOnToTheirEnd) {
  FakeTasks failing([](const integrations::TaskRequest& request) -> engine::Input {
    if (request.parameters.view() != "1") return echo(request);
    return engine::TaskFailed{request.scope, request.task, "One", "", std::nullopt};
  });
  failing.hold();
  open(failing);
  const std::string arn = start(create(calling_twice()));
  ASSERT_TRUE(failing.wait_held(2));
  failing.release_all();
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kFailed);
  await_map_run(1);
  EXPECT_EQ(map_run(1).executions.failed, 1U);
  EXPECT_EQ(map_run(1).executions.succeeded + map_run(1).executions.pending, 2U);
  EXPECT_EQ(map_run(1).executions.aborted, 0U);
}

}  // namespace
}  // namespace weft::running

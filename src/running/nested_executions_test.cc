#include "running/nested_executions.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "history/codec.h"
#include "json/parse.h"
#include "json/write.h"
#include "reading/trace_source.h"
#include "running/host_fixture.h"
#include "trace/span_stream.h"

// Executions that tasks of other executions start: on real shards and a store, functions answered
// by the test.

namespace weft::running {
namespace {

using history::EventType;
using history::ExecutionStatus;

constexpr const char* kInnerArn = "arn:aws:states:us-east-1:000000000000:stateMachine:inner";

class NestedTest : public HostTest {
 protected:
  // Ends the inner execution while nobody looks after the outer one, whose turns are put aside for
  // that time.
  void end_behind_the_back() {
    const std::string outer_key = records::execution_key({0, 1});
    std::vector<std::pair<std::string, std::string>> turns;
    const auto keep = [&](std::string_view key, std::string_view value) {
      if (key.starts_with(outer_key)) turns.emplace_back(key, value);
      return true;
    };
    (void)store_->scan(store::Family::kTurn, "", "", false, keep);
    const auto record = *store_->get(store::Family::kExecution, outer_key);
    store::Batch aside;
    for (const auto& [key, value] : turns) aside.remove(store::Family::kTurn, key);
    aside.remove(store::Family::kExecution, outer_key);
    // Else recovery would take it for given up.
    const std::string inner_key = records::execution_key({0, 2});
    records::ExecutionRecord nested =
        *records::decode_execution(**store_->get(store::Family::kExecution, inner_key));
    nested.waiting_task = 0;
    aside.put(store::Family::kExecution, inner_key, records::encode(nested));
    ASSERT_TRUE(store_->commit(std::move(aside)));
    FakeTasks tasks(echo);
    open(tasks);
    EXPECT_EQ(finish(inner().arn).status, ExecutionStatus::kSucceeded);
    host_.reset();
    store::Batch back;
    for (auto& [key, value] : turns) back.put(store::Family::kTurn, key, value);
    back.put(store::Family::kExecution, outer_key, *record);
    ASSERT_TRUE(store_->commit(std::move(back)));
  }

  // A machine of one state that starts "inner" with what the state gets as input.
  static std::string outer(const std::string& pattern, const std::string& more = "",
                           const std::string& service = "states") {
    return machine("Run", fmt::format(R"("Run":{{"Type":"Task","Resource":"arn:aws:states:::{}:)"
                                      R"(startExecution{}","Arguments":{{"StateMachineArn":"{}",)"
                                      R"("Input":"{{% $states.input %}}"{}}},"End":true}})",
                                      service, pattern, kInnerArn, more));
  }
  void create_inner(const std::string& state) { create(machine("In", "\"In\":" + state), "inner"); }

  std::vector<EventType> types(const std::string& arn) {
    std::vector<EventType> all;
    for (const history::Event& event : events(arn)) {
      if (event.id != 0) all.push_back(event.type);
    }
    return all;
  }
  std::vector<history::Event> events(const std::string& arn) {
    return *host_->query().events(*host_->query().find_execution(arn));
  }
  // The one execution of the inner machine.
  reading::ExecutionView inner() {
    const auto page = host_->query().executions(kInnerArn, std::nullopt, 10, "");
    EXPECT_EQ(page->rows.size(), 1U);
    return page->rows.empty() ? reading::ExecutionView()
                              : *host_->query().execution(page->rows[0].arn);
  }
  // A member of a JSON object, as JSON text; "" when it is absent.
  static std::string member(std::string_view text, std::string_view name) {
    json::Arena arena;
    const auto parsed = json::parse(text, arena);
    EXPECT_TRUE(parsed) << text;
    const json::Value value = parsed->find(name);
    return value.is_undefined() ? "" : json::to_text(value);
  }
};

TEST_F(NestedTest, Sync2_AnswersWithTheParsedOutput) {
  open();
  create_inner(kTask);
  const reading::ExecutionView view = run(outer(".sync:2"), R"({"a":[1, 2]})");
  ASSERT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  const reading::ExecutionView nested = inner();
  EXPECT_EQ(nested.input.view(), R"({"a":[1,2]})");
  const std::string result = view.output.str();
  EXPECT_EQ(member(result, "Output"), R"({"a":[1,2]})");
  EXPECT_EQ(member(result, "Input"), R"({"a":[1,2]})");
  EXPECT_EQ(member(result, "ExecutionArn"), '"' + nested.arn + '"');
  EXPECT_EQ(member(result, "Status"), "\"SUCCEEDED\"");
  EXPECT_EQ(member(result, "StartDate"), std::to_string(nested.start_ms));
  EXPECT_EQ(member(result, "StopDate"), std::to_string(nested.stop_ms));
  using enum EventType;
  EXPECT_EQ(types(view.arn),
            (std::vector{kExecutionStarted, kTaskStateEntered, kTaskScheduled, kTaskStarted,
                         kTaskSubmitted, kTaskSucceeded, kTaskStateExited, kExecutionSucceeded}));
  expect_nothing_open();
}

TEST_F(NestedTest, Sync_AnswersWithTheOutputAsText) {
  open();
  create_inner(R"({"Type":"Succeed","Output":{"b":1}})");
  const reading::ExecutionView view = run(outer(".sync"));
  EXPECT_EQ(member(view.output.view(), "Output"), R"("{\"b\":1}")");
  EXPECT_EQ(member(view.output.view(), "OutputDetails"), R"({"Included":true})");
}

TEST_F(NestedTest, RequestResponse_GoesOnOnceItIsStarted) {
  open();
  tasks_.hold();
  create_inner(kTask);
  const reading::ExecutionView view = run(outer(""));
  ASSERT_TRUE(tasks_.wait_held(1));
  const reading::ExecutionView nested = inner();
  EXPECT_EQ(nested.status, ExecutionStatus::kRunning);
  EXPECT_EQ(member(view.output.view(), "ExecutionArn"), '"' + nested.arn + '"');
  EXPECT_EQ(member(member(view.output.view(), "SdkHttpMetadata"), "HttpStatusCode"), "200");
  tasks_.release_all();
  finish(nested.arn);
  expect_nothing_open();
}

TEST_F(NestedTest, SdkCall_HasNoMetadata) {
  open();
  create_inner(R"({"Type":"Succeed"})");
  const reading::ExecutionView view = run(outer("", "", "aws-sdk:sfn"));
  const reading::ExecutionView nested = inner();
  EXPECT_EQ(view.output.view(), fmt::format(R"({{"ExecutionArn":"{}","StartDate":"{}"}})",
                                            nested.arn, base::format_iso_ms(nested.start_ms)));
}

TEST_F(NestedTest, FailedNestedExecution_FailsTheTaskWithItsDescription) {
  open();
  create_inner(R"({"Type":"Fail","Error":"Mine","Cause":"why"})");
  const reading::ExecutionView view = run(outer(".sync:2"));
  EXPECT_EQ(view.status, ExecutionStatus::kFailed);
  EXPECT_EQ(view.error, "States.TaskFailed");
  EXPECT_EQ(member(*view.cause, "Error"), "\"Mine\"");
  EXPECT_EQ(member(*view.cause, "Cause"), "\"why\"");
  EXPECT_EQ(member(*view.cause, "Status"), "\"FAILED\"");
  EXPECT_EQ(member(*view.cause, "Output"), "");
}

TEST_F(NestedTest, UnknownMachine_IsAWSsFault) {
  open();
  const reading::ExecutionView view = run(outer(""));
  EXPECT_EQ(view.error, "StepFunctions.StateMachineDoesNotExistException");
  EXPECT_TRUE(
      view.cause->starts_with(fmt::format("State Machine Does Not Exist: '{}' (Service: "
                                          "AWSStepFunctions; Status Code: 400; Error Code: "
                                          "StateMachineDoesNotExist; Request ID: ",
                                          kInnerArn)))
      << *view.cause;
}

// Public definitions name a machine by the ARN it has where they were deployed.
TEST_F(NestedTest, MachineOfAnotherAccount_IsTheOneOfItsName) {
  open();
  create_inner(R"({"Type":"Succeed"})");
  const std::string here = "us-east-1:000000000000";
  std::string definition = outer(".sync:2");
  definition.replace(definition.find(here), here.size(), "eu-west-1:123456789012");
  const reading::ExecutionView view = run(definition);
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(member(view.output.view(), "ExecutionArn"), '"' + inner().arn + '"');
}

TEST_F(NestedTest, NameThatIsNoString_IsAFaultOfTheParameters) {
  open();
  create_inner(R"({"Type":"Succeed"})");
  const reading::ExecutionView view = run(outer(".sync", R"(,"Name":17)"));
  EXPECT_EQ(view.error, "States.Runtime");
  EXPECT_TRUE(view.cause->ends_with(
      "could not be used to start the Task: [The value for the field 'Name' must be a STRING]"))
      << *view.cause;
}

TEST_F(NestedTest, SecondStartOfAName_IsRefused) {
  open();
  create_inner(R"({"Type":"Succeed"})");
  const std::string arn = create(outer(".sync", R"(,"Name":"one")"));
  EXPECT_EQ(finish(start(arn)).status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(finish(start(arn)).error, "StepFunctions.ExecutionAlreadyExistsException");
}

TEST_F(NestedTest, StopOfTheOuter_StopsWhatItWaitsFor) {
  open();
  tasks_.hold();
  create_inner(kTask);
  const std::string arn = start(create(outer(".sync:2")));
  ASSERT_TRUE(tasks_.wait_held(1));
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  EXPECT_EQ(finish(inner().arn).status, ExecutionStatus::kAborted);
  EXPECT_TRUE(tasks_.wait_cancelled(1));
  expect_nothing_open();
}

// One crash while the nested execution runs, one after it has ended and before the outer heard of
// it: it is started once.
TEST_F(NestedTest, Crash_StartsNothingTwice) {
  for (const bool ended : {false, true}) {
    SCOPED_TRACE(ended);
    store_ = store::open_memory();
    FakeTasks before(echo);
    open(before);
    before.hold();
    create_inner(kTask);
    const std::string arn = start(create(outer(".sync", R"(,"Name":"one")")));
    ASSERT_TRUE(before.wait_held(1));
    host_.reset();
    before.drop();
    if (ended) end_behind_the_back();
    FakeTasks after(echo);
    open(after);
    const reading::ExecutionView view = finish(arn);
    EXPECT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
    EXPECT_EQ(std::ranges::count(types(arn), EventType::kTaskSubmitted), 1);
    inner();
    expect_nothing_open();
    host_.reset();
  }
}

// What is stored of one execution.
struct Saved {
  std::vector<std::pair<std::string, std::string>> turns;
  std::string record;
};
Saved save(const store::Store& store, history::ExecutionKey key) {
  Saved saved;
  (void)store.scan(store::Family::kTurn, records::execution_key(key),
                   records::execution_key({key.run, key.index + 1}), false,
                   [&](std::string_view at, std::string_view value) {
                     saved.turns.emplace_back(at, value);
                     return true;
                   });
  saved.record = **store.get(store::Family::kExecution, records::execution_key(key));
  return saved;
}
// The store as it is when a crash comes before more of that execution is stored.
void restore(store::Store& store, history::ExecutionKey key, const Saved& saved) {
  store::Batch batch;
  for (const auto& [at, value] : save(store, key).turns) batch.remove(store::Family::kTurn, at);
  for (const auto& [at, value] : saved.turns) batch.put(store::Family::kTurn, at, value);
  batch.put(store::Family::kExecution, records::execution_key(key), saved.record);
  ASSERT_TRUE(store.commit(std::move(batch)));
}

TEST_F(NestedTest, CrashBetweenGivingUpAndStopping_LeavesNothingRunning) {
  FakeTasks before(echo);
  open(before);
  before.hold();
  create_inner(kTask);
  const std::string waits = start(create(outer(".sync:2"), "waits"));
  ASSERT_TRUE(before.wait_held(1));
  const history::ExecutionKey given_up = inner().key;
  const Saved running = save(*store_, given_up);
  ASSERT_TRUE(host_->stop_execution(waits, std::nullopt, std::nullopt));
  const std::string stopped = inner().arn;
  EXPECT_EQ(finish(stopped).status, ExecutionStatus::kAborted);
  // Two whom nobody gave up.
  const std::string goes_on = start(create(outer(".sync:2"), "goes-on"));
  const std::string alone = start(create(outer(""), "alone"));
  ASSERT_TRUE(before.wait_held(2));
  EXPECT_EQ(finish(alone).status, ExecutionStatus::kSucceeded);
  host_.reset();
  before.drop();
  restore(*store_, given_up, running);
  FakeTasks after(echo);
  after.hold();
  open(after);
  EXPECT_EQ(finish(stopped).status, ExecutionStatus::kAborted);
  ASSERT_TRUE(after.wait_held(2));
  after.release_all();
  EXPECT_EQ(finish(goes_on).status, ExecutionStatus::kSucceeded);
  for (const auto& row : host_->query().executions(kInnerArn, std::nullopt, 10, "")->rows) {
    EXPECT_EQ(finish(row.arn).status,
              row.arn == stopped ? ExecutionStatus::kAborted : ExecutionStatus::kSucceeded);
  }
  expect_nothing_open();
  host_.reset();
}

TEST_F(NestedTest, ChildrenOfAMapRun_StartOneEach) {
  open();
  create_inner(kTask);
  const std::string child =
      fmt::format(R"({{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2",)"
                  R"("Arguments":{{"StateMachineArn":"{}","Input":"{{% $states.input %}}"}},)"
                  R"("Output":"{{% $states.result.Output %}}","End":true}})",
                  kInnerArn);
  const reading::ExecutionView view =
      run(machine("M", "\"M\":" + distributed(R"("Items":"{% [1..200] %}")", child)));
  ASSERT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_TRUE(view.output.view().starts_with("[1,2,3,"));
  EXPECT_EQ(host_->query().executions(kInnerArn, std::nullopt, 1'000, "")->rows.size(), 200U);
  expect_nothing_open();
}

// Children of children's nested executions too: all that functions sent lies with the child.
TEST_F(NestedTest, DetailOfWhatAChildStarts_LiesWithTheChild) {
  std::mutex mutex;
  std::vector<history::DetailKey> places;
  FakeTasks tasks([&](const integrations::TaskRequest& request) {
    const std::lock_guard lock(mutex);
    places.push_back(request.detail);
    return echo(request);
  });
  open(tasks);
  create_inner(kTask);
  const auto starts = [](std::string_view machine) {
    return fmt::format(
        R"({{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync",)"
        R"("Arguments":{{"StateMachineArn":"{}"}},"End":true}})",
        machine);
  };
  const std::string middle = create(machine("M", "\"M\":" + starts(kInnerArn)), "middle");
  const reading::ExecutionView view =
      run(machine("M", "\"M\":" + distributed(R"("Items":[1,2,3])", starts(middle))));
  ASSERT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  std::set<uint64_t> children;
  for (const history::DetailKey& place : places) {
    EXPECT_EQ(place.run, 1U);
    children.insert(place.index);
    const auto record = host_->query().execution_record(place.execution());
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(record->machine_name, "inner");
    EXPECT_EQ(*host_->query().detail_key_of(record->key), place);
  }
  EXPECT_EQ(children, (std::set<uint64_t>{0, 1, 2}));
  host_.reset();
}

// ---- the trace

// What Datadog's expression puts into the input leads to the same place as no edit at all.
TEST_F(NestedTest, ContextInTheInput_IsThatOfTheRecord) {
  open();
  create_inner(R"({"Type":"Succeed"})");
  const std::string definition = machine(
      "Run",
      fmt::format(
          R"("Run":{{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync","End":true,)"
          R"("Arguments":{{"StateMachineArn":"{}","Input":{{"_datadog":{{"serverless-version":"v1",)"
          R"("Execution":"{{% $sift($states.context.Execution, function($v, $k) {{ $k != 'Input' }}) %}}",)"
          R"("State":"{{% $states.context.State %}}","StateMachine":"{{% $states.context.StateMachine %}}",)"
          R"("RootExecutionId":"{{% $states.context.Execution.Id %}}"}}}}}}}})",
          kInnerArn));
  const reading::ExecutionView view = run(definition);
  ASSERT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  const reading::ExecutionView nested = inner();
  json::Arena arena;
  const auto told = trace::context_of_input(*json::parse(nested.input.view(), arena));
  ASSERT_TRUE(told) << nested.input.view();
  EXPECT_EQ(*told, host_->query().execution_record(nested.key)->trace);
}

std::string lines_of(const trace::TraceSource& source) {
  std::string lines;
  const auto visited = trace::for_each_span(source, {}, [&](trace::PlacedSpan& placed) {
    const trace::Span& span = placed.span;
    EXPECT_EQ(span.trace, trace::trace_of(source));
    lines += fmt::format("{:{}}{} {} g{}\n", "", 2 * span.depth, trace::to_string(span.kind),
                         span.kind == trace::SpanKind::kChild ? "child" : span.name, placed.group);
  });
  EXPECT_TRUE(visited);
  return lines;
}

TEST_F(NestedTest, Trace_HasTheNestedExecutionBelowItsAttempt) {
  open();
  create_inner(distributed(R"("Items":[1])", R"({"Type":"Pass","End":true})"));
  const std::string arn = create(outer(".sync:2"));
  const reading::ExecutionView view = finish(start(arn, "{}", "top"));
  await_map_run(1);
  const auto source = reading::read_trace_source(host_->query(), view.arn, 0);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(lines_of(*source), fmt::format("execution top g0\n"
                                           "  state Run g0\n"
                                           "    execution {} g0\n"
                                           "      state In g0\n"
                                           "        map_run Map Run g0\n"
                                           "child child g1\n"
                                           "  state ChildL g1\n",
                                           inner().name));
  // On its own it is part of the same trace, below the same span.
  const auto alone = reading::read_trace_source(host_->query(), inner().arn, 0);
  EXPECT_EQ(trace::trace_of(*alone), trace::trace_of(*source));
  std::vector<uint64_t> ids;
  (void)trace::for_each_span(*source, {}, [&](trace::PlacedSpan& placed) {
    if (placed.span.name == "Run") ids.push_back(placed.span.span_id);
  });
  EXPECT_EQ(ids, std::vector{alone->context.span});
}

// ---- Express

TEST_F(NestedTest, ExpressMachine_IsStartedWithoutWaiting) {
  open();
  create(machine("In", R"("In":{"Type":"Pass","End":true})"), "inner", true);
  const reading::ExecutionView view = run(outer(""), R"({"a":1})");
  ASSERT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  json::Arena arena;
  const std::string arn(json::parse(view.output.view(), arena)->find("ExecutionArn").as_string());
  EXPECT_EQ(arn::parse_states_arn(arn)->kind, "express");
  EXPECT_EQ(finish(arn).output.view(), R"({"a":1})");
}

TEST_F(NestedTest, ExpressMachine_CannotBeWaitedForWithSync) {
  open();
  create(machine("In", R"("In":{"Type":"Pass","End":true})"), "inner", true);
  const reading::ExecutionView view = run(outer(".sync:2"));
  EXPECT_EQ(view.status, ExecutionStatus::kFailed);
  EXPECT_EQ(view.error, "StepFunctions.StateMachineTypeNotSupportedException");
  EXPECT_TRUE(view.cause.value_or("").starts_with(
      "This operation is not supported by this type of state machine (Service: AWSStepFunctions; "
      "Status Code: 400; Error Code: StateMachineTypeNotSupported;"))
      << *view.cause;
}

// AWS's way to wait for an Express execution from within another one.
std::string outer_synchronous() {
  return machine(
      "Run", fmt::format(R"("Run":{{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:)"
                         R"(startSyncExecution","Arguments":{{"StateMachineArn":"{}",)"
                         R"("Name":"one","Input":"{{% $string($states.input) %}}"}},"End":true}})",
                         kInnerArn));
}

TEST_F(NestedTest, StartSyncExecution_AnswersHowItEnded) {
  open();
  create(machine("In", R"("In":{"Type":"Pass","Output":[1],"End":true})"), "inner", true);
  const reading::ExecutionView view = run(outer_synchronous(), R"({"a":1})");
  ASSERT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  json::Arena arena;
  const json::Value output = *json::parse(view.output.view(), arena);
  EXPECT_EQ(output.find("Status").as_string(), "SUCCEEDED");
  EXPECT_EQ(output.find("Output").as_string(), "[1]");
  EXPECT_EQ(output.find("Input").as_string(), R"({"a":1})");
  EXPECT_EQ(output.find("Name").as_string(), "one");
  EXPECT_EQ(output.find("BillingDetails").find("BilledDurationInMilliseconds").as_int(), 100);
  EXPECT_TRUE(output.find("OutputDetails").find("Included").as_bool());
  const std::string arn(output.find("ExecutionArn").as_string());
  EXPECT_EQ(finish(arn).status, ExecutionStatus::kSucceeded);
  // It is in the trace of the one that started it.
  const auto record = host_->query().execution_record(*host_->query().find_execution(arn));
  EXPECT_EQ(record->parent_arn, view.arn);
}

TEST_F(NestedTest, StartSyncExecution_OfOneThatFails_IsAnAnswer) {
  open();
  create(machine("In", R"("In":{"Type":"Fail","Error":"E","Cause":"c"})"), "inner", true);
  const reading::ExecutionView view = run(outer_synchronous());
  ASSERT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  json::Arena arena;
  const json::Value output = *json::parse(view.output.view(), arena);
  EXPECT_EQ(output.find("Status").as_string(), "FAILED");
  EXPECT_EQ(output.find("Error").as_string(), "E");
  EXPECT_EQ(output.find("Cause").as_string(), "c");
  EXPECT_TRUE(output.find("Output").is_undefined());
}

TEST_F(NestedTest, StartSyncExecution_OfAStandardMachine_FailsByItsName) {
  open();
  create_inner(R"({"Type":"Pass","End":true})");
  const reading::ExecutionView view = run(outer_synchronous());
  EXPECT_EQ(view.error, "Sfn.StateMachineTypeNotSupportedException");
}

}  // namespace
}  // namespace weft::running

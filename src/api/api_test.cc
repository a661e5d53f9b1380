#include <future>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/router.h"
#include "base/limits.h"
#include "clock/system_clock.h"
#include "history/codec.h"
#include "json/parse.h"
#include "running/execution_input.h"
#include "running/host.h"

// The whole way of a request through the router, over a store in memory. FakeHost keeps what a
// command writes; it runs nothing.

namespace weft::api {
namespace {

using history::ExecutionKey;
using history::ExecutionStatus;
using running::MapRunProgress;
using store::Family;
using testing::HasSubstr;

constexpr uint64_t kNameKey = 0x5EED;
const std::string kArn = "arn:aws:states:us-east-1:000000000000:";

class FakeHost : public running::Host {
 public:
  explicit FakeHost(store::Store& store) : store_(store) {
    std::string key;
    store::append_u64(key, kNameKey);
    put(Family::kMeta, "child-name-key", key);
    query_ = std::make_unique<reading::Query>(store, arn::Home{});
  }
  void put(Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_.commit(std::move(batch)));
  }
  const reading::Query& query() const override { return *query_; }
  base::Result<records::MachineRecord> create_state_machine(
      const running::CreateStateMachine& request) override {
    const records::MachineRecord record{.name = request.name,
                                        .arn = arn::machine_arn({}, request.name),
                                        .role_arn = request.role_arn,
                                        .express = request.express,
                                        .created_ms = 1719232345123,
                                        .definition_hash = request.name,
                                        .logging = request.logging};
    put(Family::kDefinition, record.definition_hash, request.definition.str());
    put(Family::kMachine, record.name, encode(record));
    ++created;
    return record;
  }
  base::Result<void> delete_state_machine(std::string_view arn) override {
    auto machine = query_->machine(arn);
    if (!machine) return std::unexpected(machine.error());
    store::Batch batch;
    batch.remove(Family::kMachine, machine->name);
    return store_.commit(std::move(batch));
  }
  base::Result<running::StartedExecution> start_execution(
      const running::StartExecution& request) override {
    json::Arena arena;
    const auto input =
        running::parse_execution_input(request.input, base::kStateDataBytesMax, arena);
    if (!input) return std::unexpected(input.error());
    auto machine = query_->machine(request.machine_arn);
    if (!machine) return std::unexpected(machine.error());
    const ExecutionKey key{0, ++executions};
    const records::ExecutionRecord record{
        .key = key,
        .name = request.name,
        .arn = arn::execution_arn({}, machine->name, request.name),
        .machine_name = machine->name,
        .machine_arn = machine->arn,
        .role_arn = machine->role_arn,
        .definition_hash = machine->definition_hash,
        .trace_header = request.trace_header,
        .start_ms = 1719232346000};
    put(Family::kExecution, records::execution_key(key), encode(record));
    put(Family::kName, records::name_key(machine->name, request.name), records::execution_key(key));
    history::Event started{
        .type = history::EventType::kExecutionStarted, .id = 1, .time_ms = 1719232346000};
    started.text = request.input;
    put_turn(key, 0, {started});
    return running::StartedExecution{record.arn, record.start_ms};
  }
  // As of an Express machine; what it is like when it has ended.
  void start_synchronous_execution(
      const running::StartExecution& request,
      std::move_only_function<void(base::Result<reading::ExecutionView>)> ended) override {
    auto machine = query_->machine(request.machine_arn);
    if (!machine) return ended(std::unexpected(machine.error()));
    synchronous.name = request.name;
    synchronous.machine_arn = machine->arn;
    synchronous.input = request.input;
    synchronous.trace_header = request.trace_header;
    ended(synchronous);
  }
  void put_express(uint64_t sequence) {
    const ExecutionKey key{0, sequence};
    const records::ExecutionRecord record{
        .key = key,
        .name = "e",
        .arn = arn::express_arn({}, "m", "e:" + query_->child_names().express_uuid(key)),
        .machine_name = "m",
        .machine_arn = arn::machine_arn({}, "m"),
        .express = true,
        .start_ms = 1719232346000};
    put(Family::kExecution, records::execution_key(key), encode(record));
    put_turn(key, 0,
             {{.type = history::EventType::kExecutionStarted, .id = 1, .time_ms = 1719232346000}});
  }
  void put_turn(ExecutionKey key, uint32_t number, std::vector<history::Event> events) {
    std::string bytes;
    history::encode_turn({std::move(events)}, bytes);
    put(Family::kTurn, records::turn_key(key, number), bytes);
  }
  base::Result<base::UnixMs> stop_execution(std::string_view, std::optional<std::string> error,
                                            std::optional<std::string> cause) override {
    stop_error = error.value_or("none");
    stop_cause = cause.value_or("none");
    return 1719232347001;
  }
  base::Result<void> update_map_run(std::string_view, const maprun::ChangeLimits& limits) override {
    changed = limits;
    return {};
  }
  std::vector<MapRunProgress> progress(std::string_view) const override { return {}; }
  std::optional<MapRunProgress> map_run_progress(std::string_view) const override { return live; }
  std::vector<reading::ExecutionItem> running_children(std::string_view) const override {
    return running;
  }
  bool wait(std::string_view, int64_t) const override { return true; }

  int created = 0;
  uint64_t executions = 0;
  std::string stop_error;
  std::string stop_cause;
  maprun::ChangeLimits changed;
  std::optional<MapRunProgress> live;
  std::vector<reading::ExecutionItem> running;
  reading::ExecutionView synchronous{
      .arn = kArn + "express:m:e:u", .start_ms = 1719232346000, .stop_ms = 1719232346201};

 private:
  store::Store& store_;
  std::unique_ptr<reading::Query> query_;
};

class ApiTest : public testing::Test {
 protected:
  // The answer's body; its status is in `status_`.
  std::string call(std::string_view operation, std::string body) {
    return request("POST", "/", "AWSStepFunctions." + std::string(operation), std::move(body));
  }
  std::string request(std::string method, std::string path, std::string target, std::string body) {
    const net::Handler handler = make_api_handler(host_, threads_);
    net::Request message{
        .method = std::move(method), .target = path, .path = path, .body = std::move(body)};
    if (!target.empty()) message.headers.set("X-Amz-Target", target);
    std::promise<net::Response> answered;
    handler(std::move(message),
            [&](net::Response response) { answered.set_value(std::move(response)); });
    net::Response response = answered.get_future().get();
    status_ = response.status;
    return response.body;
  }
  void create_machine() {
    call("CreateStateMachine", R"({"name":"m","definition":)" + kDefinitionText +
                                   R"(,"roleArn":"arn:aws:iam::1:role/r"})");
    ASSERT_EQ(status_, 200);
  }
  void start(std::string_view name) {
    call("StartExecution", R"({"stateMachineArn":")" + kArn + R"(stateMachine:m","name":")" +
                               std::string(name) + R"("})");
    ASSERT_EQ(status_, 200);
  }
  std::string member(const std::string& body, std::string_view name) {
    json::Arena arena;
    auto value = json::parse(body, arena);
    return value ? std::string(value->find(name).as_string()) : "no JSON";
  }
  std::string add_map_run() {
    const arn::ChildNames names(kNameKey);
    const records::MapRunRecord record{.number = 1,
                                       .arn = kArn + "mapRun:m/L:" + names.map_run_uuid(1),
                                       .execution_arn = kArn + "execution:m:e",
                                       .parent = {0, 1},
                                       .label = "L",
                                       .machine_name = "m",
                                       .start_ms = 1000,
                                       .max_concurrency = 7,
                                       .tolerated_failure_percentage = 2.5};
    host_.put(Family::kMapRun, records::map_run_key(1), encode(record));
    host_.put(Family::kExecutionMapRun, records::execution_map_run_key({0, 1}, 1), "");
    return record.arn;
  }

  const std::string kDefinitionText =
      R"("{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}")";
  std::unique_ptr<store::Store> store_ = store::open_memory();
  FakeHost host_{*store_};
  ApiThreads threads_;
  int status_ = 0;
};

TEST_F(ApiTest, UnknownOperation_IsRefusedByName) {
  EXPECT_EQ(
      call("Fly", "{}"),
      R"({"__type":"UnknownOperationException","message":"Weft has no operation 'AWSStepFunctions.Fly'"})");
  EXPECT_EQ(status_, 400);
}

TEST_F(ApiTest, BodyThatIsNoObject_IsASerializationFault) {
  EXPECT_THAT(call("ListStateMachines", "[1"), HasSubstr("SerializationException"));
  EXPECT_THAT(call("ListStateMachines", "[]"), HasSubstr("must be a JSON object"));
}

TEST_F(ApiTest, Health_AnswersAndOtherPagesDoNotExist) {
  EXPECT_EQ(request("GET", "/_weft/health", "", ""),
            R"({"status":"ok","import":{"requests":0,"refused":0,"events":0,"rejected":0},)"
            R"("live":{"clients":0,"opened":0}})");
  EXPECT_THAT(request("GET", "/_weft/v9", "", ""), HasSubstr("There is no page /_weft/v9"));
  EXPECT_EQ(status_, 404);
}

TEST_F(ApiTest, CreateStateMachine_TwiceIsOneMachine) {
  create_machine();
  const std::string body = R"({"name":"m","definition":)" + kDefinitionText +
                           R"(,"roleArn":"arn:aws:iam::1:role/other"})";
  EXPECT_EQ(
      call("CreateStateMachine", body),
      R"({"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:m","creationDate":1719232345.123})");
  EXPECT_EQ(host_.created, 1);
  const std::string express =
      call("CreateStateMachine", R"({"name":"m","type":"EXPRESS","definition":)" + kDefinitionText +
                                     R"(,"roleArn":"arn:aws:iam::1:role/r"})");
  EXPECT_EQ(
      express,
      R"({"__type":"StateMachineAlreadyExists","message":"State Machine Already Exists: 'arn:aws:states:us-east-1:000000000000:stateMachine:m'"})");
}

TEST_F(ApiTest, CreateStateMachine_FaultsAreAws) {
  EXPECT_EQ(member(call("CreateStateMachine", R"({"name":"a b","definition":)" + kDefinitionText +
                                                  R"(,"roleArn":"arn:aws:iam::1:role/r"})"),
                   "message"),
            "Invalid Name: 'a b'");
  EXPECT_EQ(
      member(
          call(
              "CreateStateMachine",
              R"({"name":"m","definition":"{\"StartAt\":\"P\"}","roleArn":"arn:aws:iam::1:role/r"})"),
          "__type"),
      "InvalidDefinition");
  EXPECT_EQ(member(call("CreateStateMachine",
                        R"({"name":"m","versionDescription":"x","definition":)" + kDefinitionText +
                            R"(,"roleArn":"arn:aws:iam::1:role/r"})"),
                   "message"),
            "Version description can only be set when publish is true");
  EXPECT_EQ(host_.created, 0);
}

TEST_F(ApiTest, DescribeStateMachine_ShowsDefaults) {
  create_machine();
  const std::string body =
      call("DescribeStateMachine", R"({"stateMachineArn":")" + kArn + R"(stateMachine:m"})");
  EXPECT_THAT(body, HasSubstr(R"("status":"ACTIVE","definition":"{\"StartAt\")"));
  EXPECT_THAT(
      body,
      HasSubstr(
          R"("type":"STANDARD","creationDate":1719232345.123,"loggingConfiguration":{"level":"OFF","includeExecutionData":false},"tracingConfiguration":{"enabled":false},"encryptionConfiguration":{"type":"AWS_OWNED_KEY"})"));
  EXPECT_EQ(
      member(call("DescribeStateMachine", R"({"stateMachineArn":")" + kArn + R"(stateMachine:x"})"),
             "__type"),
      "StateMachineDoesNotExist");
}

TEST_F(ApiTest, DeleteStateMachine_IsAlwaysASuccess) {
  create_machine();
  const std::string body = R"({"stateMachineArn":")" + kArn + R"(stateMachine:m"})";
  EXPECT_EQ(call("DeleteStateMachine", body), "{}");
  EXPECT_EQ(call("DeleteStateMachine", body), "{}");
  EXPECT_EQ(call("ListStateMachines", "{}"), R"({"stateMachines":[]})");
  EXPECT_EQ(
      member(call("DeleteStateMachine", R"({"stateMachineArn":")" + kArn + R"(stateMachine:m/L"})"),
             "reason"),
      "API_DOES_NOT_SUPPORT_LABELED_ARNS");
}

TEST_F(ApiTest, StartExecution_BadInputIsWordedAsAwsWordsIt) {
  create_machine();
  const auto message = [&](const std::string& input) {
    return member(call("StartExecution", R"({"stateMachineArn":")" + kArn +
                                             R"(stateMachine:m","input":")" + input + R"("})"),
                  "message");
  };
  EXPECT_EQ(message("not json"),
            "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON "
            "String, Number, Array, Object or token 'null', 'true' or 'false')'");
  EXPECT_EQ(message("{'a': 1}"),
            "Invalid State Machine Execution Input: 'Unexpected character (''' (code 39)): was "
            "expecting double-quote to start field name'");
  EXPECT_EQ(message(""), "Invalid State Machine Execution Input: 'Invalid execution input.'");
  EXPECT_TRUE(message("[ 1e400]").ends_with(": 'number out of range at line 1, column 3'"));
  std::string umlauts;  // two bytes each
  for (size_t i = 0; i < base::kStateDataBytesMax / 2; ++i) umlauts += "ü";
  EXPECT_EQ(message("\\\"" + umlauts + "\\\""),
            "1 validation error detected: Value at 'input' failed to satisfy constraint: Member "
            "must have size less than or equal to 262144 bytes in UTF-8 encoding");
}

TEST_F(ApiTest, DescribeExecution_WhileRunning) {
  create_machine();
  start("e");
  EXPECT_EQ(
      call("DescribeExecution", R"({"executionArn":")" + kArn + R"(execution:m:e"})"),
      R"({"executionArn":"arn:aws:states:us-east-1:000000000000:execution:m:e","stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:m","name":"e","status":"RUNNING","startDate":1719232346,"input":"{}","inputDetails":{"included":true},"redriveCount":0,"redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is RUNNING and cannot be redriven"})");
}

TEST_F(ApiTest, DescribeExecution_AfterAFailure) {
  create_machine();
  start("e");
  history::Event failed{
      .type = history::EventType::kExecutionFailed, .id = 2, .time_ms = 1719232346500};
  failed.error = "Boom";
  failed.cause = "";
  host_.put_turn({0, 1}, 1, {failed});
  const std::string body =
      call("DescribeExecution",
           R"({"includedData":"ALL_DATA","executionArn":")" + kArn + R"(execution:m:e"})");
  EXPECT_THAT(body, HasSubstr(R"("stopDate":1719232346.5,)"));
  EXPECT_THAT(
      body,
      HasSubstr(
          R"("error":"Boom","cause":"","redriveCount":0,"redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution redrivable period exceeded"})"));
  EXPECT_EQ(member(call("DescribeExecution", R"({"includedData":"METADATA_ONLY","executionArn":")" +
                                                 kArn + R"(execution:m:e"})"),
                   "input"),
            "");
}

TEST_F(ApiTest, DescribeExecution_SoonAfterAFailureOfAnOldOne_SaysWhy) {
  create_machine();
  start("e");
  history::Event failed{
      .type = history::EventType::kExecutionFailed, .id = 2, .time_ms = clock::unix_ms()};
  host_.put_turn({0, 1}, 1, {failed});
  const std::string body =
      call("DescribeExecution", R"({"executionArn":")" + kArn + R"(execution:m:e"})");
  // It began in 2024.
  EXPECT_THAT(body,
              HasSubstr(R"("redriveStatusReason":"Execution has exceeded the max execution)"));
}

TEST_F(ApiTest, StopExecution_PassesErrorAndCauseOn) {
  create_machine();
  start("e");
  EXPECT_EQ(call("StopExecution",
                 R"({"executionArn":")" + kArn + R"(execution:m:e","error":"E","cause":"why"})"),
            R"({"stopDate":1719232347.001})");
  EXPECT_EQ(host_.stop_error, "E");
  EXPECT_EQ(host_.stop_cause, "why");
  EXPECT_EQ(
      member(call("StopExecution", R"({"executionArn":")" + kArn + R"(execution:m:x"})"), "__type"),
      "ExecutionDoesNotExist");
}

TEST_F(ApiTest, ListExecutions_PagesNewestFirst) {
  create_machine();
  for (const char* name : {"e1", "e2", "e3"}) start(name);
  const std::string machine = R"("stateMachineArn":")" + kArn + R"(stateMachine:m")";
  const std::string first = call("ListExecutions", "{" + machine + R"(,"maxResults":2})");
  EXPECT_LT(first.find(R"("name":"e3")"), first.find(R"("name":"e2")"));
  EXPECT_EQ(first.find(R"("name":"e1")"), std::string::npos);
  const std::string token = member(first, "nextToken");
  const std::string second =
      call("ListExecutions", "{" + machine + R"(,"maxResults":2,"nextToken":")" + token + R"("})");
  EXPECT_THAT(second, HasSubstr(R"("name":"e1")"));
  EXPECT_EQ(member(second, "nextToken"), "");
  // Another filter makes the token invalid.
  EXPECT_EQ(
      member(call("ListExecutions",
                  "{" + machine + R"(,"statusFilter":"RUNNING","nextToken":")" + token + R"("})"),
             "message"),
      "Invalid Token: 'Invalid token'");
  EXPECT_EQ(member(call("ListExecutions", "{}"), "__type"), "ValidationException");
}

TEST_F(ApiTest, ListExecutions_OfAMapRunRunningOnesFirst) {
  create_machine();
  start("e");
  const std::string run = add_map_run();
  std::string rows;
  history::encode_row({.index = 0, .start_ms = 1000, .duration_us = 500'000, .items = 3}, rows);
  history::encode_row({.index = 1, .start_ms = 1001, .status = ExecutionStatus::kFailed}, rows);
  host_.put(Family::kRow, records::row_key(1, 0), rows);
  for (uint64_t index : {4, 3, 2}) {
    host_.running.push_back({.key = {1, index},
                             .name = "c" + std::to_string(index),
                             .map_run_arn = run,
                             .start_ms = 1002});
  }
  std::vector<std::string> pages;
  std::string token;
  do {
    const std::string next = token.empty() ? "" : R"(,"nextToken":")" + token + R"(")";
    pages.push_back(
        call("ListExecutions", R"({"maxResults":2,"mapRunArn":")" + run + R"(")" + next + "}"));
    token = member(pages.back(), "nextToken");
  } while (!token.empty());
  ASSERT_EQ(pages.size(), 3u);
  EXPECT_LT(pages[0].find("c4"), pages[0].find("c3"));
  EXPECT_LT(pages[1].find("c2"), pages[1].find("FAILED"));
  EXPECT_THAT(pages[2],
              HasSubstr(R"("status":"SUCCEEDED","startDate":1,"stopDate":1.5,"mapRunArn":")" + run +
                        R"(","itemCount":3,"redriveCount":0})"));
  const std::string failed =
      call("ListExecutions", R"({"statusFilter":"FAILED","mapRunArn":")" + run + R"("})");
  EXPECT_EQ(failed.find("RUNNING"), std::string::npos);
  EXPECT_THAT(failed, HasSubstr("FAILED"));
}

TEST_F(ApiTest, MapRuns_AreListedAndDescribed) {
  create_machine();
  start("e");
  const std::string run = add_map_run();
  EXPECT_EQ(call("ListMapRuns", R"({"executionArn":")" + kArn + R"(execution:m:e"})"),
            R"({"mapRuns":[{"executionArn":")" + kArn + R"(execution:m:e","mapRunArn":")" + run +
                R"(","stateMachineArn":")" + kArn + R"(stateMachine:m/L","startDate":1}]})");
  host_.live = MapRunProgress{.number = 1, .items = {.running = 2, .succeeded = 1, .total = 3}};
  const std::string body = call("DescribeMapRun", R"({"mapRunArn":")" + run + R"("})");
  EXPECT_THAT(
      body,
      HasSubstr(
          R"("status":"RUNNING","startDate":1,"maxConcurrency":7,"toleratedFailurePercentage":2.5,"toleratedFailureCount":0)"));
  EXPECT_THAT(
      body,
      HasSubstr(
          R"("itemCounts":{"pending":0,"running":2,"succeeded":1,"failed":0,"timedOut":0,"aborted":0,"total":3,"resultsWritten":0)"));
  EXPECT_EQ(
      member(call("DescribeMapRun", R"({"mapRunArn":")" + kArn + R"(mapRun:m/L:x"})"), "__type"),
      "ResourceNotFound");
}

TEST_F(ApiTest, UpdateMapRun_PassesOnWhatIsGivenAndRefusesTheRest) {
  const std::string arn = add_map_run();
  EXPECT_EQ(call("UpdateMapRun", R"({"mapRunArn":")" + arn +
                                     R"(","maxConcurrency":0,"toleratedFailurePercentage":2.5})"),
            "{}");
  EXPECT_EQ(status_, 200);
  EXPECT_EQ(host_.changed.max_concurrency, 0u);
  EXPECT_EQ(host_.changed.tolerated_failure_percentage, 2.5);
  EXPECT_FALSE(host_.changed.tolerated_failure_count);
  EXPECT_THAT(
      call("UpdateMapRun", R"({"mapRunArn":")" + arn +
                               R"(","maxConcurrency":-1,"toleratedFailurePercentage":101})"),
      HasSubstr("2 validation errors detected: Value '-1' at 'maxConcurrency'"));
  EXPECT_EQ(status_, 400);
  EXPECT_EQ(member(call("UpdateMapRun", R"({"mapRunArn":")" + arn + R"(0"})"), "__type"),
            "ResourceNotFound");
  EXPECT_EQ(
      member(call("UpdateMapRun", R"({"mapRunArn":")" + arn + R"(","maxConcurrency":"many"})"),
             "__type"),
      "SerializationException");
}

TEST_F(ApiTest, GetExecutionHistory_LeavesOutInternalEventsAndPages) {
  create_machine();
  start("e");
  host_.put_turn(
      {0, 1}, 1,
      {{.type = history::EventType::kWeftWaitScheduled},
       {.type = history::EventType::kExecutionAborted, .id = 2, .time_ms = 1719232346001}});
  const std::string arn = R"({"executionArn":")" + kArn + R"(execution:m:e")";
  const std::string all = call("GetExecutionHistory", arn + "}");
  EXPECT_EQ(all.find("Weft"), std::string::npos);
  EXPECT_LT(all.find("ExecutionStarted"), all.find("ExecutionAborted"));
  const std::string last =
      call("GetExecutionHistory", arn + R"(,"reverseOrder":true,"maxResults":1})");
  EXPECT_EQ(last.find("ExecutionStarted\""), std::string::npos);
  const std::string token = member(last, "nextToken");
  EXPECT_THAT(call("GetExecutionHistory",
                   arn + R"(,"reverseOrder":true,"maxResults":1,"nextToken":")" + token + R"("})"),
              HasSubstr("ExecutionStarted"));
}

TEST_F(ApiTest, ValidateStateMachineDefinition_RefusesWhatCreateStateMachineRefuses) {
  const std::string definition =
      R"("{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"End\":true,)"
      R"(\"Resource\":\"arn:aws:states:::dynamodb:putItem\"}}}")";
  const std::string said =
      call("ValidateStateMachineDefinition", R"({"definition":)" + definition + "}");
  EXPECT_THAT(said, HasSubstr(R"("result":"FAIL")"));
  EXPECT_THAT(said, HasSubstr("dynamodb:putItem"));
}

TEST_F(ApiTest, ValidateStateMachineDefinition_TellsFindings) {
  EXPECT_EQ(call("ValidateStateMachineDefinition", R"({"definition":)" + kDefinitionText + "}"),
            R"({"result":"OK","diagnostics":[],"truncated":false})");
  EXPECT_THAT(call("ValidateStateMachineDefinition", R"({"definition":"{\"StartAt\":\"P\"}"})"),
              HasSubstr(R"({"result":"FAIL","diagnostics":[{"severity":"ERROR")"));
}

TEST_F(ApiTest, DescribeStateMachineForExecution_ShowsWhatRuns) {
  create_machine();
  start("e");
  const std::string body = call("DescribeStateMachineForExecution",
                                R"({"executionArn":")" + kArn + R"(execution:m:e"})");
  EXPECT_THAT(body, HasSubstr(R"("name":"m","definition":"{\"StartAt\")"));
  EXPECT_THAT(body, HasSubstr(R"("updateDate":1719232345.123)"));
}

TEST_F(ApiTest, StartSyncExecution_AnswersAsAws) {
  create_machine();
  host_.synchronous.status = ExecutionStatus::kSucceeded;
  host_.synchronous.output = base::Text("[1]");
  const std::string body = R"({"stateMachineArn":")" + kArn +
                           R"(stateMachine:m","name":"e","input":"{\"a\": 1}","traceHeader":"t")";
  EXPECT_EQ(
      call("StartSyncExecution", body + "}"),
      R"({"executionArn":"arn:aws:states:us-east-1:000000000000:express:m:e:u","stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:m","name":"e","startDate":1719232346,"stopDate":1719232346.201,"status":"SUCCEEDED","input":"{\"a\": 1}","inputDetails":{"included":true},"output":"[1]","outputDetails":{"included":true},"traceHeader":"t","billingDetails":{"billedMemoryUsedInMB":64,"billedDurationInMilliseconds":300}})");
  EXPECT_EQ(status_, 200);
  const std::string metadata =
      call("StartSyncExecution", body + R"(,"includedData":"METADATA_ONLY"})");
  EXPECT_THAT(metadata, HasSubstr(R"("status":"SUCCEEDED","inputDetails":{"included":false})"));
  host_.synchronous.status = ExecutionStatus::kFailed;
  host_.synchronous.output = base::Text();
  host_.synchronous.error = "E";
  host_.synchronous.cause = "c";
  EXPECT_THAT(call("StartSyncExecution", body + "}"),
              HasSubstr(R"("status":"FAILED","error":"E","cause":"c","input":)"));
  EXPECT_EQ(status_, 200);
  EXPECT_EQ(member(call("StartSyncExecution",
                        R"({"stateMachineArn":")" + kArn + R"(stateMachine:none"})"),
                   "__type"),
            "StateMachineDoesNotExist");
  EXPECT_THAT(call("StartSyncExecution", "{}"),
              HasSubstr("Value null at 'stateMachineArn' failed to satisfy constraint"));
  EXPECT_EQ(status_, 400);
}

TEST_F(ApiTest, ExpressExecution_HasNoHistoryApi) {
  create_machine();
  host_.put_express(5);
  const std::string arn =
      arn::express_arn({}, "m", "e:" + host_.query().child_names().express_uuid({0, 5}));
  ASSERT_TRUE(host_.query().find_execution(arn));
  for (const char* operation : {"DescribeExecution", "GetExecutionHistory", "StopExecution",
                                "ListMapRuns", "DescribeStateMachineForExecution"}) {
    for (const std::string& one : {arn, kArn + "express:m:none:uuid"}) {
      const std::string answer = call(operation, R"({"executionArn":")" + one + R"("})");
      EXPECT_EQ(member(answer, "__type"), "InvalidArn") << operation;
      EXPECT_EQ(member(answer, "message"),
                "Invalid Arn: 'Resource type not valid in this context: express'");
    }
  }
}

TEST_F(ApiTest, LoggingConfiguration_IsKeptAndChecked) {
  const auto create = [&](std::string_view name, std::string_view logging) {
    return call("CreateStateMachine",
                R"({"name":")" + std::string(name) + R"(","definition":)" + kDefinitionText +
                    R"(,"roleArn":"arn:aws:iam::1:role/r","loggingConfiguration":)" +
                    std::string(logging) + "}");
  };
  const std::string group =
      R"({"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:1:log-group:g:*"}})";
  const std::string logging =
      R"({"level":"ERROR","includeExecutionData":true,"destinations":[)" + group + "]}";
  create("logged", logging);
  ASSERT_EQ(status_, 200);
  EXPECT_THAT(
      call("DescribeStateMachine", R"({"stateMachineArn":")" + kArn + R"(stateMachine:logged"})"),
      HasSubstr(R"("loggingConfiguration":)" + logging));
  create("logged", logging);
  EXPECT_EQ(status_, 200);
  EXPECT_EQ(member(create("logged", R"({"level":"OFF"})"), "__type"), "StateMachineAlreadyExists");
  const std::string one =
      "Invalid Logging Configuration: Must specify exactly one Log Destination.";
  const std::string none = create("m", R"({"level":"ALL"})");
  EXPECT_EQ(member(none, "__type"), "InvalidLoggingConfiguration");
  EXPECT_EQ(member(none, "message"), one);
  EXPECT_EQ(member(create("m", R"({"level":"ALL","destinations":[)" + group + "," + group + "]}"),
                   "message"),
            one);
  EXPECT_EQ(member(create("m", R"({"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":)"
                               R"({"logGroupArn":"arn:aws:logs:us-east-1:1:log-group:g"}}]})"),
                   "message"),
            "Invalid Logging Configuration: Log Destination not found.");
  EXPECT_EQ(member(create("m", R"({"level":"WARN"})"), "__type"), "ValidationException");
  EXPECT_THAT(create("m", R"({},"encryptionConfiguration":7)"), HasSubstr("Serialization"));
}

}  // namespace
}  // namespace weft::api

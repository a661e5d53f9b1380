#include "integrations/lambda/function_pool.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "net/loop.h"

// Real processes: the handlers under tests/functions run by node, python3, the shell and AWS's own
// runtime client.

namespace weft::lambda {
namespace {

using Outcome = InvocationResult::Outcome;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

std::string functions(const std::string& path) {
  return std::string(WEFT_SOURCE_DIR) + "/tests/functions/" + path;
}

FunctionConfig config(const std::string& name, const std::string& path,
                      const std::string& handler = "handler") {
  FunctionConfig result;
  result.name = name;
  result.path = functions(path);
  result.handler = handler;
  return result;
}

class FunctionPoolTest : public testing::Test {
 protected:
  FunctionPoolTest() { loop_.start(2); }
  ~FunctionPoolTest() override {
    pool_.reset();
    loop_.stop();
  }

  void use(std::vector<FunctionConfig> configs, PoolOptions options = {}) {
    options.endpoint_url = "http://127.0.0.1:1";
    auto pool = FunctionPool::create(loop_, std::move(options), std::move(configs));
    ASSERT_TRUE(pool.has_value()) << pool.error().message;
    pool_ = std::move(*pool);
  }
  // A pool of one function called `f`.
  void use_one(const std::string& path, const std::string& handler = "handler",
               milliseconds timeout = milliseconds(60'000)) {
    FunctionConfig one = config("f", path, handler);
    one.timeout = timeout;
    use({one});
  }
  std::future<InvocationResult> begin(const std::string& payload,
                                      const std::string& function = "f") {
    Invocation invocation;
    invocation.function = function;
    invocation.payload = base::Text(payload);
    invocation.request_id = "id-" + std::to_string(++calls_);
    invocation.client_context = R"({"custom":{"k":"v"}})";
    invocation.trace_header =
        "Root=1-33089bd6-13b96f232a43448f556f1116;Parent=1eb5017046ae6f5f;Sampled=1";
    return begin(std::move(invocation));
  }
  std::future<InvocationResult> begin(Invocation invocation) {
    auto promise = std::make_shared<std::promise<InvocationResult>>();
    auto future = promise->get_future();
    pool_->invoke(std::move(invocation),
                  [promise](InvocationResult result) { promise->set_value(std::move(result)); });
    return future;
  }
  InvocationResult call(const std::string& payload, const std::string& function = "f") {
    return begin(payload, function).get();
  }
  // How a call of a function that prints and then hangs ends. On a machine that stands still its
  // time may be over before it has printed: then it gets more.
  struct TimedOut {
    InvocationResult result;
    milliseconds limit;
  };
  TimedOut time_out(const std::string& path) {
    for (milliseconds limit(250);; limit *= 4) {
      use_one(path, "hangs", limit);
      InvocationResult result = call("{}");
      const bool printed = result.log.contains("about to hang");  // not only Weft's own line
      if (printed || limit > milliseconds(60'000)) return {std::move(result), limit};
    }
  }
  // Waits until `reached` holds for the only function.
  template <typename Condition>
  void await_status(Condition reached) {
    while (!reached(pool_->status().front())) std::this_thread::yield();
  }

  net::Loop loop_;
  std::unique_ptr<FunctionPool> pool_;
  int calls_ = 0;
};

TEST_F(FunctionPoolTest, NodeHandler_AnswersAndStaysWarm) {
  use_one("node/handlers.mjs", "echo");
  InvocationResult first = call(R"({"a": [1, "x"]})");
  EXPECT_EQ(first.outcome, Outcome::kSucceeded) << first.cause;
  EXPECT_EQ(first.payload.view(), R"({"a":[1,"x"]})");
  EXPECT_TRUE(first.cold_start);
  EXPECT_GT(first.init_us, 0);
  EXPECT_GT(first.started_ms, 1'600'000'000'000);
  InvocationResult second = call("2");
  EXPECT_EQ(second.payload.view(), "2");
  EXPECT_FALSE(second.cold_start);
  EXPECT_EQ(second.init_us, 0);
  EXPECT_EQ(second.sandbox, first.sandbox);
  FunctionStatus status = pool_->status().front();
  EXPECT_EQ(status.invocations, 2u);
  EXPECT_EQ(status.cold_starts, 1u);
  EXPECT_EQ(status.arn, "arn:aws:lambda:us-east-1:000000000000:function:f");
}

TEST_F(FunctionPoolTest, HandlerResults_BecomeJson) {
  use({config("nothing", "node/handlers.mjs", "nothing"), config("callback", "node/callbacks.cjs"),
       config("fails", "node/callbacks.cjs", "fails"),
       config("forgets", "node/callbacks.cjs", "forgets"), config("directory", "node"),
       config("named", "node", "handlers.plain")});
  EXPECT_EQ(call("{}", "nothing").payload.view(), "null");
  EXPECT_EQ(call("1", "callback").payload.view(), R"({"got":1})");
  EXPECT_EQ(call("1", "fails").error, "RangeError");
  EXPECT_EQ(call("1", "forgets").payload.view(), "null");
  EXPECT_EQ(call("1", "directory").payload.view(), R"("from index")");
  EXPECT_EQ(call("1", "named").payload.view(), R"("plain result")");
}

TEST_F(FunctionPoolTest, Context_IsAwsContext) {
  use_one("node/handlers.mjs", "describe");
  InvocationResult result = call("{}", "arn:aws:lambda:us-east-1:000000000000:function:f:live");
  EXPECT_THAT(
      result.payload.str(),
      AllOf(
          HasSubstr(R"("requestId":"id-1")"), HasSubstr(R"("name":"f")"),
          HasSubstr(R"("memory":"512")"),
          HasSubstr(R"("arn":"arn:aws:lambda:us-east-1:000000000000:function:f:live")"),
          HasSubstr(R"("client":{"custom":{"k":"v"}})"), HasSubstr(R"("left":true)"),
          HasSubstr(R"("trace":"Root=1-33089bd6)"),
          HasSubstr(R"("traceparent":"00-33089bd613b96f232a43448f556f1116-1eb5017046ae6f5f-01")")));
}

TEST_F(FunctionPoolTest, VariablesOfTheCall_AreLikeOthersAndChangeWithEachCall) {
  use_one("node/handlers.mjs", "callVariables");
  const std::string parent = "00-33089bd613b96f232a43448f556f1116-1eb5017046ae6f5f-01";
  const std::string seen = fmt::format(
      R"({{"read":["Root=1-33089bd6-13b96f232a43448f556f1116;Parent=1eb5017046ae6f5f;Sampled=1","{0}"],)"
      R"("listed":["_X_AMZN_TRACE_ID","TRACEPARENT"],"copied":"{0}","inherited":"{0}",)"
      R"("set":"7","deleted":true,"own":"kept"}})",
      parent);
  EXPECT_EQ(call("{}").payload.view(), seen);
  Invocation untraced;
  untraced.function = "f";
  untraced.request_id = "untraced";
  untraced.payload = base::Text(std::string_view("{}"));
  EXPECT_EQ(begin(std::move(untraced)).get().payload.view(),
            R"({"read":[null,null],"listed":[],"set":"7","deleted":true,"own":"kept"})");
  EXPECT_EQ(call("{}").payload.view(), seen);
}

TEST_F(FunctionPoolTest, LostConnection_IsMadeAnew) {
  use_one("node/handlers.mjs", "loseConnection");
  const InvocationResult first = call("{}");
  EXPECT_EQ(first.payload.view(), "1") << first.cause;
  EXPECT_EQ(call("{}").sandbox, first.sandbox);
}

TEST_F(FunctionPoolTest, ErrorName_IsNoHeaderLine) {
  use_one("node/handlers.mjs", "throwsOddName");
  const InvocationResult result = call("{}");
  EXPECT_EQ(result.outcome, Outcome::kFunctionError);
  EXPECT_EQ(result.error, "Two\r\nX-Lines: ü");
  EXPECT_EQ(call("{}").sandbox, result.sandbox);
}

TEST_F(FunctionPoolTest, PythonsConnection_CarriesAnythingAndIsMadeAnew) {
  use_one("python/handlers.py", "lose_connection");
  const InvocationResult first = call("{}");
  EXPECT_EQ(first.payload.view(), "1") << first.cause;
  EXPECT_EQ(call("{}").sandbox, first.sandbox);
  use_one("python/handlers.py", "throws_odd_name");
  const InvocationResult odd = call("{}");
  EXPECT_EQ(odd.error, "Two\r\nX-Lines: ü");
  EXPECT_EQ(call("{}").sandbox, odd.sandbox);
  use_one("python/handlers.py", "large");
  const std::string payload = '"' + std::string(3'000'000, 'x') + '"';
  EXPECT_EQ(call(payload).payload.view(), payload);
}

TEST_F(FunctionPoolTest, Environment_HoldsWhatSdksNeedAndNothingOfOurs) {
  setenv("WEFT_TEST_SECRET", "secret", 1);
  FunctionConfig one = config("f", "node/handlers.mjs", "environment");
  one.environment = {{"MINE", "1"}, {"TZ", "Asia/Tokyo"}};
  use({one}, PoolOptions{.environment = {{"SHARED", "2"}, {"MINE", "no"}}});
  EXPECT_THAT(
      call("{}").payload.str(),
      AllOf(HasSubstr(R"("AWS_LAMBDA_RUNTIME_API":"127.0.0.1:)"),
            ContainsRegex(R"("AWS_EXECUTION_ENV":"AWS_Lambda_nodejs[0-9]+\.x")"),
            HasSubstr(R"("AWS_ENDPOINT_URL_S3":"http://127.0.0.1:1")"), HasSubstr(R"("MINE":"1")"),
            HasSubstr(R"("SHARED":"2")"), HasSubstr(R"("TZ":"Asia/Tokyo")"),
            HasSubstr(R"("_HANDLER":"handlers.environment")"), Not(HasSubstr("WEFT_TEST_SECRET"))));
}

TEST_F(FunctionPoolTest, Throw_GivesTypeAndRawPayload) {
  use({config("error", "node/handlers.mjs", "throws"),
       config("text", "node/handlers.mjs", "throwsText")});
  InvocationResult error = call("{}", "error");
  EXPECT_EQ(error.outcome, Outcome::kFunctionError);
  EXPECT_EQ(error.error, "TypeError");
  EXPECT_THAT(
      error.cause,
      testing::StartsWith(
          R"({"errorType":"TypeError","errorMessage":"cannot do this","trace":["TypeError)"));
  EXPECT_EQ(error.payload.view(), error.cause);
  EXPECT_EQ(call("{}", "text").cause,
            R"({"errorType":"string","errorMessage":"only a text","trace":[]})");
}

TEST_F(FunctionPoolTest, TimeOut_KillsAndStartsAnew) {
  const auto [first, limit] = time_out("node/handlers.mjs");
  EXPECT_EQ(first.outcome, Outcome::kTimedOut);
  EXPECT_EQ(first.error, "Sandbox.Timedout");
  EXPECT_EQ(
      first.cause,
      fmt::format(
          R"({{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id-{} Error: Task timed out after {:.2f} seconds"}})",
          calls_, static_cast<double>(limit.count()) / 1000));
  EXPECT_THAT(first.log, testing::ContainsRegex("about to hang\n[^\n]* Task timed out [^\n]*\n$"));
  EXPECT_GE(first.run_us, limit.count() * 1000);
  InvocationResult second = call("{}");
  EXPECT_EQ(second.outcome, Outcome::kTimedOut);
  EXPECT_NE(second.sandbox, first.sandbox);
}

TEST_F(FunctionPoolTest, ProcessEnd_IsAnExitError) {
  use({config("exits", "node/handlers.mjs", "exits"),
       config("killed", "node/handlers.mjs", "killsItself"),
       config("rejects", "node/handlers.mjs", "rejectsLater")});
  InvocationResult exits = call("{}", "exits");
  EXPECT_EQ(exits.outcome, Outcome::kFunctionError);
  EXPECT_EQ(exits.error, "Runtime.ExitError");
  EXPECT_EQ(
      exits.cause,
      R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: id-1 Error: Runtime exited with error: exit status 3"})");
  EXPECT_THAT(exits.log_tail, testing::EndsWith("exit status 3\rRuntime.ExitError\n"));
  EXPECT_THAT(call("{}", "killed").cause,
              HasSubstr("RequestId: id-2 Error: Runtime exited with error: signal: killed"));
  InvocationResult rejects = call("{}", "rejects");
  EXPECT_EQ(rejects.error, "Runtime.ExitError");
  EXPECT_THAT(rejects.log, HasSubstr("nobody waits for this"));
}

TEST_F(FunctionPoolTest, AnswerBeyondTheLimit_FailsAndTheProcessGoesOn) {
  use_one("node/handlers.mjs", "large");
  InvocationResult large = call(R"({"bytes":7000000})");
  EXPECT_EQ(large.outcome, Outcome::kFunctionError);
  EXPECT_EQ(large.error, "Function.ResponseSizeTooLarge");
  EXPECT_EQ(
      large.cause,
      R"({"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."})");
  InvocationResult fitting = call(R"({"bytes":6291554})");
  EXPECT_EQ(fitting.outcome, Outcome::kSucceeded);
  EXPECT_EQ(fitting.payload.size(), base::kLambdaResponseBytesMax);
  EXPECT_EQ(fitting.sandbox, large.sandbox);
}

TEST_F(FunctionPoolTest, Logs_BelongToTheirCall) {
  use_one("node/handlers.mjs", "logs");
  EXPECT_THAT(call(R"({"text":"one"})").log,
              MatchesRegex("[0-9T:.-]+Z\tid-1\tINFO\tout one\n[^\n]+\tERROR\terr one\n"));
  EXPECT_THAT(call(R"({"text":"two"})").log,
              MatchesRegex("[^\n]+\tid-2\tINFO\tout two\n[^\n]+\tid-2\tERROR\terr two\n"));
}

TEST_F(FunctionPoolTest, NodesConsole_HasLambdasLevelsAndItsStreams) {
  use_one("node/handlers.mjs", "levels");
  const InvocationResult result = call("{}");
  std::vector<std::string> out;
  std::vector<std::string> err;
  std::istringstream lines(result.log);
  size_t at = 0;
  for (std::string line; std::getline(lines, line); at += line.size() + 1) {
    const bool is_err = std::ranges::any_of(result.log_stderr, [&](const auto& range) {
      return range.first <= at && at < range.second;
    });
    const size_t level = line.find("\tid-1\t");
    ASSERT_NE(level, std::string::npos) << line;
    (is_err ? err : out).push_back(line.substr(level + 6));
  }
  EXPECT_THAT(out, testing::ElementsAre("DEBUG\tone", "INFO\ttwo { a: 1 }", "INFO\tthree\rlines"));
  EXPECT_THAT(err, testing::ElementsAre("TRACE\tfour", "WARN\tfive", "ERROR\tsix", "FATAL\tseven"));
}

TEST_F(FunctionPoolTest, NodesConsole_InJsonBeginsAtItsLevel) {
  FunctionConfig one = config("f", "node/handlers.mjs", "levels");
  one.log_format = "JSON";
  one.log_level = "WARN";
  use({one});
  const std::string log = call("{}").log;
  EXPECT_THAT(log, testing::StartsWith(R"({"timestamp":"2)"));
  EXPECT_THAT(log, HasSubstr(R"(Z","level":"WARN","requestId":"id-1","message":"five"})"));
  EXPECT_THAT(log, HasSubstr(R"("level":"FATAL","requestId":"id-1","message":"seven"})"));
  EXPECT_EQ(std::ranges::count(log, '\n'), 3);
}

TEST_F(FunctionPoolTest, PythonsLogging_IsLambdas) {
  use_one("python/handlers.py", "levels");
  const std::string log = call("{}").log;
  EXPECT_THAT(log, testing::StartsWith("[WARNING]\t2")) << "until it is set the level is WARNING";
  EXPECT_THAT(log, ContainsRegex("\n\\[INFO\\]\t[0-9T:.-]+Z\tid-1\tshown 1\n"));
  EXPECT_THAT(log, ContainsRegex("\n\\[ERROR\\]\t[^\t]+\tid-1\tfailed\rTraceback [^\n]*"
                                 "ZeroDivisionError"));
  EXPECT_THAT(log, Not(HasSubstr("too early")));
}

TEST_F(FunctionPoolTest, PythonsLogging_InJsonHasWhatTheRecordHas) {
  FunctionConfig one = config("f", "python/handlers.py", "levels");
  one.log_format = "JSON";
  use({one});
  const std::string log = call("{}").log;
  EXPECT_THAT(log, HasSubstr(R"("level": "INFO", "message": "too early", "logger": "root", )"));
  EXPECT_THAT(
      log,
      HasSubstr(R"("message": "shown 1", "logger": "root", "requestId": "id-1", "order": 7})"));
  EXPECT_THAT(log,
              HasSubstr(R"("errorType": "ZeroDivisionError", "errorMessage": "division by zero")"));
}

// What processes send to their listener, by path.
class Received {
 public:
  void take(net::Request request, net::Responder responder) {
    {
      const std::lock_guard lock(mutex_);
      bodies_.push_back(request.path + " " + request.body);
    }
    responder(net::Response{.status = 200});
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> bodies_;
};

TEST_F(FunctionPoolTest, Retire_LetsProcessesSendWhatTheyHold) {
  auto received = std::make_shared<Received>();
  PoolOptions options;
  options.telemetry = [received](net::Request request, net::Responder responder, CallAt) {
    received->take(std::move(request), std::move(responder));
  };
  use({config("node", "node/handlers.mjs", "holds"), config("own", "node/handlers.mjs", "ends"),
       config("python", "python/handlers.py", "holds")},
      options);
  for (const char* name : {"node", "own", "python"})
    EXPECT_EQ(call("{}", name).outcome, Outcome::kSucceeded) << name;
  const Retired retired = pool_->retire(std::chrono::minutes(5));
  EXPECT_EQ(retired.ended, 3u);
  EXPECT_EQ(retired.killed, 0u);
  EXPECT_THAT(received->all(),
              testing::UnorderedElementsAre("/held/node ", "/held/own ", "/held/python "));
}

TEST_F(FunctionPoolTest, Retire_KillsWhatTakesLongerAndCallsNothingMore) {
  FunctionConfig one = config("f", "node/handlers.mjs", "staysAlive");
  use({one});
  EXPECT_EQ(call("{}").outcome, Outcome::kSucceeded);
  const Retired retired = pool_->retire(milliseconds(1));
  EXPECT_EQ(retired.ended, 0u);
  EXPECT_EQ(retired.killed, 1u);
  auto late = begin("{}");
  EXPECT_EQ(pool_->status().front().queued, 1u);
  pool_->shutdown();
  EXPECT_THROW(late.get(), std::future_error);
}

TEST_F(FunctionPoolTest, LongLog_KeepsItsEnd) {
  use_one("node/handlers.mjs", "prints");
  InvocationResult result = call(R"({"bytes":1000000})");
  EXPECT_EQ(result.log.size(), 256u * 1024);
  EXPECT_EQ(result.log_tail.size(), 4u * 1024);
  EXPECT_THAT(result.log_tail, testing::EndsWith("yend"));
}

TEST_F(FunctionPoolTest, LogDirectory_GetsOneBlockACall) {
  auto directory =
      std::filesystem::path(testing::TempDir()) / ("weft-logs-" + std::to_string(getpid()));
  PoolOptions options;
  options.log_directory = directory.string();
  use({config("f", "node/handlers.mjs", "logs")}, options);
  call(R"({"text":"one"})");
  std::stringstream text;
  text << std::ifstream(directory / "f.log").rdbuf();
  EXPECT_THAT(text.str(), AllOf(HasSubstr("START RequestId: id-1 Sandbox: 1\n"),
                                HasSubstr("\tid-1\tERROR\terr one\nREPORT RequestId: id-1 "
                                          "Duration: "),
                                HasSubstr("Init Duration: ")));
  std::filesystem::remove_all(directory);
}

TEST_F(FunctionPoolTest, Burst_UsesAllProcessesAndQueuesTheRest) {
  FunctionConfig one = config("f", "node/handlers.mjs", "describe");
  one.concurrency = 3;
  use({one});
  std::vector<std::future<InvocationResult>> calls;
  for (int i = 0; i < 60; ++i) calls.push_back(begin("{}"));
  std::set<uint32_t> sandboxes;
  int cold = 0;
  for (auto& future : calls) {
    InvocationResult result = future.get();
    EXPECT_EQ(result.outcome, Outcome::kSucceeded);
    sandboxes.insert(result.sandbox);
    cold += result.cold_start ? 1 : 0;
  }
  EXPECT_EQ(cold, static_cast<int>(sandboxes.size()));
  EXPECT_LE(sandboxes.size(), 3u);
  EXPECT_EQ(pool_->status().front().queued, 0u);
}

TEST_F(FunctionPoolTest, PythonHandler_AnswersLikeAws) {
  use({config("echo", "python/handlers.py", "echo"),
       config("describe", "python/handlers.py", "describe"),
       config("logs", "python/handlers.py", "logs"),
       config("set", "python/handlers.py", "unserializable"),
       config("exits", "python/handlers.py", "exits")});
  EXPECT_EQ(call(R"({"a":[1,2.5,null,"é"]})", "echo").payload.view(),
            R"({"a": [1, 2.5, null, "é"]})");
  EXPECT_THAT(
      call("{}", "describe").payload.str(),
      AllOf(HasSubstr(R"("requestId": "id-2")"), HasSubstr(R"("custom": {"k": "v"})"),
            HasSubstr(R"("left": true)"),
            HasSubstr(
                R"("traceparent": "00-33089bd613b96f232a43448f556f1116-1eb5017046ae6f5f-01")")));
  InvocationResult logs = call(R"({"text":"x"})", "logs");
  EXPECT_EQ(logs.log, "printed x\n");
  EXPECT_EQ(logs.payload.view(), R"("ünïcode")");
  EXPECT_EQ(call("{}", "set").error, "Runtime.MarshalError");
  EXPECT_THAT(call("{}", "exits").cause, HasSubstr("exit status 7"));
}

TEST_F(FunctionPoolTest, PythonTimeOut_ShowsWhatWasPrinted) {
  const InvocationResult result = time_out("python/handlers.py").result;
  EXPECT_EQ(result.error, "Sandbox.Timedout");
  EXPECT_THAT(result.log, testing::StartsWith("about to hang\n"));
}

TEST_F(FunctionPoolTest, RecordedBehaviours_GiveTheRecordedPayloads) {
  std::vector<FunctionConfig> configs;
  for (const char* name :
       {"id_function", "echo_function", "return_bytes_str", "return_decorated_input",
        "raise_exception", "raise_custom_exception", "large_output_string"}) {
    configs.push_back(config(name, std::string("recordings/") + name + ".py"));
  }
  use(configs);
  EXPECT_EQ(call(R"({"a":1})", "id_function").payload.view(), R"({"a": 1})");
  EXPECT_EQ(call("{}", "echo_function").payload.view(), R"({"Return": "HelloWorld"})");
  EXPECT_EQ(call("{}", "return_bytes_str").payload.view(), R"("HelloWorld!")");
  EXPECT_EQ(call(R"({"a":true})", "return_decorated_input").payload.view(),
            R"("input-event-{'a': True}")");
  InvocationResult raised = call("{}", "raise_exception");
  EXPECT_EQ(raised.error, "Exception");
  EXPECT_THAT(
      raised.cause,
      testing::StartsWith(
          R"({"errorMessage": "Some exception was raised.", "errorType": "Exception", "requestId": "id-5", "stackTrace": ["  File \")"));
  InvocationResult custom = call("{}", "raise_custom_exception");
  EXPECT_EQ(custom.error, "CustomException");
  EXPECT_THAT(custom.cause, HasSubstr(R"("errorMessage": "")"));
  EXPECT_EQ(call("{}", "large_output_string").payload.size(), 257u * 1024);
}

TEST_F(FunctionPoolTest, CustomBootstrap_Works) {
  use_one("shell");
  EXPECT_EQ(call(R"({"n":1})").payload.view(), R"({"shell":{"n":1}})");
  InvocationResult bad = call(R"("not json")");
  EXPECT_EQ(bad.outcome, Outcome::kFunctionError);
  EXPECT_EQ(bad.error, "Runtime.InvalidResponse");
  EXPECT_EQ(call("2").payload.view(), R"({"shell":2})");
}

TEST_F(FunctionPoolTest, FailedInit_FailsTheCallsThatWait) {
  use({config("throws", "node/broken.mjs"), config("import", "python/broken.py"),
       config("missing", "node/handlers.mjs", "noSuch"),
       config("nothing", "python/handlers.py", "no_such")});
  std::vector<std::future<InvocationResult>> calls;
  for (int i = 0; i < 10; ++i) calls.push_back(begin("{}", "throws"));
  for (auto& future : calls) {
    InvocationResult result = future.get();
    EXPECT_EQ(result.outcome, Outcome::kFunctionError);
    EXPECT_EQ(result.error, "Error");
    EXPECT_THAT(result.cause, HasSubstr("fails while it loads"));
    EXPECT_TRUE(result.cold_start);
  }
  InvocationResult import = call("{}", "import");
  EXPECT_EQ(import.error, "Runtime.ImportModuleError");
  EXPECT_THAT(
      import.cause,
      HasSubstr("Unable to import module 'broken': No module named 'no_such_module_anywhere'"));
  EXPECT_EQ(call("{}", "missing").error, "Runtime.HandlerNotFound");
  EXPECT_EQ(call("{}", "nothing").error, "Runtime.HandlerNotFound");
}

TEST_F(FunctionPoolTest, NeverAskingForWork_IsAnInitTimeOut) {
  FunctionConfig one;
  one.name = "f";
  one.path = functions("silent/bootstrap");
  one.init_timeout = milliseconds(100);
  one.concurrency = 1;
  use({one});
  InvocationResult result = call("{}");
  EXPECT_EQ(result.outcome, Outcome::kTimedOut);
  EXPECT_EQ(result.error, "Sandbox.Timedout");
}

TEST_F(FunctionPoolTest, PoolGoneRightAfterAnOutcome_LeavesNothingBehind) {
  for (int round = 0; round < 100; ++round) {
    FunctionConfig one;
    one.name = "f";
    one.path = functions("silent/bootstrap");
    one.init_timeout = milliseconds(1);
    use({one});
    EXPECT_EQ(call("{}").outcome, Outcome::kTimedOut);
    // The loop thread may still be busy with what follows from the outcome.
    pool_.reset();
  }
}

TEST_F(FunctionPoolTest, ExitBeforeAsking_IsAnExitError) {
  FunctionConfig one;
  one.name = "f";
  one.path = "/bin/false";
  use({one});
  EXPECT_THAT(
      call("{}").cause,
      HasSubstr(
          R"("errorType":"Runtime.ExitError","errorMessage":"RequestId: id-1 Error: Runtime exited with error: exit status 1")"));
}

TEST_F(FunctionPoolTest, UnknownFunction_IsAServiceError) {
  use({});
  InvocationResult result = call("{}", "no_such");
  EXPECT_EQ(result.outcome, Outcome::kServiceError);
  EXPECT_EQ(result.error, "Lambda.ResourceNotFoundException");
  EXPECT_EQ(
      result.cause,
      "Function not found: arn:aws:lambda:us-east-1:000000000000:function:no_such:$LATEST "
      "(Service: AWSLambda; "
      "Status Code: 404; Error Code: ResourceNotFoundException; Request ID: id-1; Proxy: null)");
}

TEST_F(FunctionPoolTest, Cancel_DropsWaitingAndKillsRunning) {
  FunctionConfig one = config("f", "node/handlers.mjs", "hangs");
  one.concurrency = 1;
  use({one});
  auto running = begin("{}");
  await_status([](const FunctionStatus& status) { return status.busy == 1; });
  auto waiting = begin("{}");
  pool_->cancel("id-2");
  EXPECT_EQ(pool_->status().front().queued, 0u);
  pool_->cancel("id-1");
  await_status([](const FunctionStatus& status) { return status.busy == 0; });
  pool_->cancel("no such call");
  // Their callbacks are gone unused.
  EXPECT_THROW(running.get(), std::future_error);
  EXPECT_THROW(waiting.get(), std::future_error);
}

TEST_F(FunctionPoolTest, Shutdown_EndsProcessesAndDropsCalls) {
  use_one("node/handlers.mjs", "hangs");
  auto running = begin("{}");
  await_status([](const FunctionStatus& status) { return status.busy == 1; });
  auto starting = begin("{}");
  pool_->shutdown();
  EXPECT_THROW(running.get(), std::future_error);
  EXPECT_THROW(starting.get(), std::future_error);
}

TEST_F(FunctionPoolTest, BadPath_IsRefusedAtCreation) {
  auto refused = [&](FunctionConfig one) {
    auto pool = FunctionPool::create(loop_, {}, {one});
    return pool ? std::string("accepted") : pool.error().message;
  };
  EXPECT_THAT(refused(config("f", "no/such.mjs")),
              AllOf(HasSubstr("Function 'f'"), HasSubstr("No such file")));
  EXPECT_THAT(refused(config("f", "setup.sh.txt")), HasSubstr("No such file"));
  EXPECT_THAT(refused(config("f", "ric/package.json")), HasSubstr("must be an executable"));
  EXPECT_THAT(refused(config("f", "recordings")), HasSubstr("holds none of"));
  EXPECT_THAT(refused(config("f", "node", "absent.handler")), HasSubstr("needs a file absent.mjs"));
  PoolOptions options;
  options.node_program = "no-such-node";
  auto pool = FunctionPool::create(loop_, options, {config("f", "node/handlers.mjs")});
  ASSERT_FALSE(pool.has_value());
  EXPECT_THAT(pool.error().message, HasSubstr("needs the program 'no-such-node'"));
}

// AWS's own client, when tests/functions/setup.sh has installed it.
class RuntimeInterfaceClientTest : public FunctionPoolTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(functions("ric/node_modules/.weft-lock"))) {
      GTEST_SKIP() << "tests/functions/setup.sh has not been run";
    }
  }
};

TEST_F(RuntimeInterfaceClientTest, Echo_Succeeds) {
  use_one("ric");
  InvocationResult result = call(R"({"n":1})");
  EXPECT_EQ(result.outcome, Outcome::kSucceeded) << result.cause << result.log;
  EXPECT_EQ(result.payload.view(), R"({"event":{"n":1},"requestId":"id-1"})");
  EXPECT_EQ(call("{}").sandbox, result.sandbox);
}

TEST_F(RuntimeInterfaceClientTest, Throw_GivesTheSamePayloadAsOurBootstrap) {
  FunctionConfig theirs = config("theirs", "ric");
  theirs.environment["RIC_EXPORT"] = "throws";
  use({theirs, config("ours", "ric/handler.mjs", "throws")});
  InvocationResult their = call("{}", "theirs");
  InvocationResult our = call("{}", "ours");
  EXPECT_EQ(their.error, our.error);
  std::string prefix =
      R"({"errorType":"TypeError","errorMessage":"cannot do this","trace":["TypeError: cannot do this")";
  EXPECT_THAT(their.cause, testing::StartsWith(prefix));
  EXPECT_THAT(our.cause, testing::StartsWith(prefix));
}

}  // namespace
}  // namespace weft::lambda

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "integrations/lambda/call_ledger.h"
#include "integrations/lambda/function_pool.h"
#include "net/loop.h"
#include "net/raw_client.h"

// What functions can do to each other and to the machine, with real processes: the first table of
// SECURITY.md.

namespace weft::lambda {
namespace {

using testing::HasSubstr;

FunctionConfig config(const std::string& name, const std::string& path,
                      const std::string& handler) {
  FunctionConfig result;
  result.name = name;
  result.path = std::string(WEFT_SOURCE_DIR) + "/tests/functions/" + path;
  result.handler = handler;
  return result;
}

class IsolationTest : public testing::Test {
 protected:
  IsolationTest() { loop_.start(2); }
  ~IsolationTest() override {
    pool_.reset();
    loop_.stop();
  }

  void use(std::vector<FunctionConfig> configs, PoolOptions options = {}) {
    auto pool = FunctionPool::create(loop_, std::move(options), std::move(configs));
    ASSERT_TRUE(pool.has_value()) << pool.error().message;
    pool_ = std::move(*pool);
  }
  InvocationResult call(const std::string& payload, const std::string& function = "f") {
    std::promise<InvocationResult> ended;
    Invocation invocation{.function = function,
                          .payload = base::Text(payload),
                          .request_id = fmt::format("id-{}", ++calls_)};
    pool_->invoke(std::move(invocation),
                  [&ended](InvocationResult result) { ended.set_value(std::move(result)); });
    return ended.get_future().get();
  }

  net::Loop loop_;
  std::unique_ptr<FunctionPool> pool_;
  int calls_ = 0;
};

TEST_F(IsolationTest, RuntimeApi_AnswersItsOwnSandboxAlone) {
  use({config("f", "node/handlers.mjs", "environment"),
       config("child", "python/handlers.py", "child_asks")});
  const std::string environment = call("{}").payload.str();
  constexpr std::string_view kBefore = R"("AWS_LAMBDA_RUNTIME_API":"127.0.0.1:)";
  const size_t at = environment.find(kBefore);
  ASSERT_NE(at, std::string::npos);
  const int port = std::stoi(environment.substr(at + kBefore.size()));
  for (const std::string_view request :
       {"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}"}) {
    net::RawClient other(static_cast<uint16_t>(port));
    other.send(request);
    EXPECT_THAT(other.read_response(), testing::StartsWith("HTTP/1.1 403"));
  }
  EXPECT_EQ(call("{}").sandbox, 1u);  // it still waits for work
  EXPECT_EQ(call("{}", "child").payload.view(), "\"404\"");
}

TEST_F(IsolationTest, Memory_IsBoundByTheSetting) {
  FunctionConfig one = config("f", "python/handlers.py", "takes_memory");
  one.memory_mb = 128;
  use({one});
  EXPECT_EQ(call("256").payload.view(), "256");
  EXPECT_EQ(call("1300").error, "MemoryError");
}

TEST_F(IsolationTest, Memory_HasRoomForThreads) {
  FunctionConfig one = config("f", "python/handlers.py", "starts_threads");
  one.memory_mb = 128;
  use({one});
  EXPECT_EQ(call("120").payload.view(), "120");
}

TEST_F(IsolationTest, User_IsAnotherOne) {
  FunctionConfig one = config("f", "", "handler");
  one.path = "/usr/bin/id";
  one.user = "nobody";
  PoolOptions options;
  options.runtime_directory = testing::TempDir() + "private_runtime";
  if (geteuid() != 0) {
    const auto pool = FunctionPool::create(loop_, std::move(options), {one});
    ASSERT_FALSE(pool.has_value());
    EXPECT_THAT(pool.error().message, HasSubstr("only root can run functions as another user"));
    return;
  }
  use({one}, options);
  EXPECT_THAT(call("{}").log,
              testing::ContainsRegex("uid=[0-9]+.nobody. gid=[0-9]+.[a-z]+. groups="));
  EXPECT_FALSE(std::filesystem::exists(options.runtime_directory));
}

// Whether this process may make control groups that count processes.
bool may_count_processes() {
  const std::string probe =
      "f=$(grep ':pids:' /proc/self/cgroup | cut -d: -f3) && d=/sys/fs/cgroup/pids$f || "
      "{ f=$(grep '^0::' /proc/self/cgroup | cut -d: -f3) && d=/sys/fs/cgroup$f; }; "
      "mkdir $d/weft-probe 2>/dev/null && { test -w $d/weft-probe/pids.max; r=$?; "
      "rmdir $d/weft-probe; exit $r; }";
  return system(probe.c_str()) == 0;
}

TEST_F(IsolationTest, Processes_AreBoundByAControlGroup) {
  if (!may_count_processes()) GTEST_SKIP() << "no control groups of processes may be made here";
  FunctionConfig one = config("f", "python/handlers.py", "starts_processes");
  one.timeout = std::chrono::minutes(15);
  use({one});
  const int started = std::stoi(call("1200").payload.str());
  EXPECT_LE(started, 1024);
  EXPECT_GT(started, 512);
}

TEST_F(IsolationTest, CallsThatMayHaveBeenOut_AreNotDeliveredTwice) {
  const std::string path = testing::TempDir() + "calls.once." + std::to_string(getpid());
  const std::string was_out = "11111111-1111-4111-8111-111111111111";
  const std::string waited = "22222222-2222-4222-8222-222222222222";
  PoolOptions options;
  options.call_ledger = path;
  FunctionConfig once = config("once", "python/handlers.py", "echo");
  once.unknown_outcome = UnknownOutcome::kFail;
  LedgerCircumstances now = ask_machine();
  now.now_ms = 100;
  {
    const auto opened = CallLedger::open(path, now).value();
    const auto out = opened->begin(was_out);
    opened->leave();
  }
  use({once, config("f", "python/handlers.py", "echo")}, options);
  const auto deliver = [&](const std::string& function, const std::string& id,
                           std::optional<int64_t> again_since_ms) {
    std::promise<InvocationResult> ended;
    pool_->invoke({.function = function,
                   .payload = base::Text("7"),
                   .request_id = id,
                   .again_since_ms = again_since_ms},
                  [&ended](InvocationResult result) { ended.set_value(std::move(result)); });
    return ended.get_future().get();
  };
  const InvocationResult refused = deliver("once", was_out, 150);
  EXPECT_EQ(refused.error, "Lambda.Unknown");
  EXPECT_THAT(refused.cause, HasSubstr("with unknown_outcome=fail it is not delivered again"));
  EXPECT_EQ(deliver("once", was_out, 150).error, "Lambda.Unknown");  // until that is durable
  EXPECT_EQ(deliver("once", waited, 50).error, "Lambda.Unknown");    // nobody knows
  InvocationResult delivered = deliver("once", waited, 150);
  EXPECT_EQ(delivered.payload.view(), "7");
  EXPECT_TRUE(delivered.out);
  EXPECT_EQ(deliver("f", was_out, 150).payload.view(), "7");
  pool_.reset();
  now.now_ms = 200;
  EXPECT_TRUE(CallLedger::open(path, now).value()->may_have_been_out(waited, 150));
  std::filesystem::remove(path);
}

// Whatever ended it: there may be ways that nobody thought of.
TEST_F(IsolationTest, CallsThatWeftDiedWithOftenOfAnyCause_AreNotDeliveredAgain) {
  const std::string ledger = testing::TempDir() + "calls.any." + std::to_string(getpid());
  const std::string id = "11111111-1111-4111-8111-111111111111";
  PoolOptions options;
  options.call_ledger = ledger;
  LedgerCircumstances protected_from_signals = ask_machine();
  protected_from_signals.signals_refused = true;
  const auto result_after = [&](uint32_t deaths) {
    std::filesystem::remove(ledger);
    for (uint32_t i = 0; i < deaths; ++i) {
      {
        const auto opened = CallLedger::open(ledger, protected_from_signals).value();
        const auto out = opened->begin(id);
        std::filesystem::copy_file(ledger, ledger + ".left");
      }
      std::filesystem::rename(ledger + ".left", ledger);
    }
    use({config("f", "python/handlers.py", "echo")}, options);
    std::promise<InvocationResult> ended;
    pool_->invoke({.function = "f", .payload = base::Text("7"), .request_id = id},
                  [&ended](InvocationResult result) { ended.set_value(std::move(result)); });
    InvocationResult result = ended.get_future().get();
    pool_.reset();
    return result;
  };
  EXPECT_EQ(result_after(kCallEndsMax - 1).payload.view(), "7");
  const InvocationResult refused = result_after(kCallEndsMax);
  EXPECT_EQ(refused.error, "Lambda.Unknown");
  EXPECT_THAT(refused.cause, HasSubstr("died 5 times in a row"));
  std::filesystem::remove(ledger);
}

TEST_F(IsolationTest, CallsThatWeftDiedWithTwice_AreNotDeliveredAgain) {
  const std::string ledger = testing::TempDir() + "calls.pool." + std::to_string(getpid());
  const std::string id = "11111111-1111-4111-8111-111111111111";
  PoolOptions options;
  options.call_ledger = ledger;
  FunctionConfig careless = config("careless", "python/handlers.py", "echo");
  careless.unknown_outcome = UnknownOutcome::kRedeliver;
  LedgerCircumstances unprotected = ask_machine();
  unprotected.signals_refused = false;
  const auto die = [&] {
    {
      const auto opened = CallLedger::open(ledger, unprotected).value();
      const auto out = opened->begin(id);
      std::filesystem::copy_file(ledger, ledger + ".left");
    }
    std::filesystem::rename(ledger + ".left", ledger);
  };
  die();
  die();
  use({config("f", "python/handlers.py", "echo"), careless}, options);
  const auto deliver = [&](const std::string& function) {
    std::promise<InvocationResult> ended;
    pool_->invoke({.function = function, .payload = base::Text("7"), .request_id = id},
                  [&ended](InvocationResult result) { ended.set_value(std::move(result)); });
    return ended.get_future().get();
  };
  const InvocationResult refused = deliver("f");
  EXPECT_EQ(refused.error, "Lambda.Unknown");
  EXPECT_THAT(refused.cause, HasSubstr("unless the function has unknown_outcome=redeliver"));
  EXPECT_EQ(refused.sandbox, 0u);
  EXPECT_EQ(deliver("f").payload.view(), "7");  // known no more
  pool_.reset();
  die();
  die();
  use({careless}, options);
  EXPECT_EQ(deliver("careless").payload.view(), "7");
  pool_.reset();
  std::filesystem::remove(ledger);
}

}  // namespace
}  // namespace weft::lambda

#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integrations/lambda/function_pool.h"
#include "net/loop.h"

// FunctionPool::refresh with a function whose code changes while its process is idle, works on a
// call, and begins.

namespace weft::lambda {
namespace {

using Outcome = InvocationResult::Outcome;

class RefreshTest : public testing::Test {
 protected:
  RefreshTest()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   fmt::format("weft-refresh-{}", getpid())) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    loop_.start(2);
  }
  ~RefreshTest() override {
    pool_.reset();
    loop_.stop();
    std::filesystem::remove_all(directory_);
  }

  // The function answers `answer`. `before` stands in its handler, `at_start` outside of it.
  void write(const std::string& answer, const std::string& before = "",
             const std::string& at_start = "") {
    std::ofstream(directory_ / "f.mjs") << fmt::format(
        "import fs from 'node:fs';\n{}\nexport const handler = async () => {{ {} return '{}'; "
        "}};\n",
        at_start, before, answer);
  }
  // Code that waits until what reach_gate() gives is closed.
  std::string at_gate() {
    const std::string gate = (directory_ / "gate").string();
    EXPECT_EQ(mkfifo(gate.c_str(), 0600), 0);
    return fmt::format("fs.readFileSync('{}');", gate);
  }
  // Returns when a process waits at the gate.
  int reach_gate() { return ::open((directory_ / "gate").c_str(), O_WRONLY | O_CLOEXEC); }

  void use() {
    FunctionConfig one;
    one.name = "f";
    one.path = (directory_ / "f.mjs").string();
    one.handler = "handler";
    auto pool = FunctionPool::create(loop_, {.endpoint_url = "http://127.0.0.1:1"}, {one});
    ASSERT_TRUE(pool.has_value()) << pool.error().message;
    pool_ = std::move(*pool);
  }
  std::future<InvocationResult> begin() {
    auto promise = std::make_shared<std::promise<InvocationResult>>();
    auto future = promise->get_future();
    Invocation invocation;
    invocation.function = "f";
    invocation.payload = base::Text("{}");
    invocation.request_id = fmt::format("id-{}", ++calls_);
    pool_->invoke(std::move(invocation),
                  [promise](InvocationResult result) { promise->set_value(std::move(result)); });
    return future;
  }
  void expect(std::future<InvocationResult> call, const std::string& answer, bool cold) {
    const InvocationResult result = call.get();
    EXPECT_EQ(result.outcome, Outcome::kSucceeded) << result.cause;
    EXPECT_EQ(result.payload.view(), '"' + answer + '"');
    EXPECT_EQ(result.cold_start, cold);
  }

  const std::filesystem::path directory_;
  net::Loop loop_;
  std::unique_ptr<FunctionPool> pool_;
  int calls_ = 0;
};

TEST_F(RefreshTest, IdleProcess_IsReplaced) {
  write("old");
  use();
  expect(begin(), "old", true);
  write("new");
  expect(begin(), "old", false);
  pool_->refresh("g");  // nobody knows it
  expect(begin(), "old", false);
  pool_->refresh("f");
  expect(begin(), "new", true);
  expect(begin(), "new", false);
}

TEST_F(RefreshTest, CallThatRuns_EndsWithTheCodeItBeganWith) {
  write("old", at_gate());
  use();
  auto running = begin();
  const int gate = reach_gate();
  write("new");
  pool_->refresh("f");
  auto next = begin();
  close(gate);
  expect(std::move(running), "old", true);
  expect(std::move(next), "new", true);
}

TEST_F(RefreshTest, ProcessThatBegins_IsReplacedAndNoCallTakesTheBlame) {
  write("old", "", at_gate());
  use();
  auto waiting = begin();
  const int gate = reach_gate();
  write("new");
  pool_->refresh("f");
  expect(std::move(waiting), "new", true);
  close(gate);
}

TEST_F(RefreshTest, CodeThatCouldNotStart_IsForgotten) {
  write("old", "", "throw new Error('broken');");
  use();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(begin().get().outcome, Outcome::kFunctionError);
  write("new");
  pool_->refresh("f");
  expect(begin(), "new", true);
}

}  // namespace
}  // namespace weft::lambda

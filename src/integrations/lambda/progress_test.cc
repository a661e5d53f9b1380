#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "integrations/lambda/function_pool.h"
#include "net/loop.h"

namespace weft::lambda {
namespace {

TEST(FunctionProgressTest, TellsWaitingFromWorking) {
  net::Loop loop;
  loop.start(2);
  FunctionConfig one;
  one.name = "f";
  one.path = std::string(WEFT_SOURCE_DIR) + "/tests/functions/node/handlers.mjs";
  one.handler = "hangs";
  one.concurrency = 1;
  FunctionConfig silent = one;
  silent.name = "silent";
  silent.path = std::string(WEFT_SOURCE_DIR) + "/tests/functions/silent/bootstrap";
  silent.init_timeout = std::chrono::minutes(15);
  auto pool = FunctionPool::create(loop, {}, {one, silent});
  ASSERT_TRUE(pool.has_value()) << pool.error().message;
  for (const char* id : {"first", "second", "third"}) {
    Invocation invocation;
    invocation.function = std::string_view(id) == "third" ? "silent" : "f";
    invocation.payload = base::Text("{}");
    invocation.request_id = id;
    (*pool)->invoke(std::move(invocation), [](InvocationResult) {});
  }
  const auto starting = (*pool)->progress("third");
  while ((*pool)->status().front().busy == 0) std::this_thread::yield();
  const auto busy = (*pool)->progress("first");
  const auto waiting = (*pool)->progress("second");
  ASSERT_TRUE(starting && busy && waiting);
  EXPECT_EQ(starting->started_ms, 0);
  EXPECT_GT(busy->started_ms, 0);
  EXPECT_GT(busy->init_us, 0);
  EXPECT_EQ(busy->sandbox, 1U);
  EXPECT_EQ(waiting->started_ms, 0);
  EXPECT_EQ(waiting->init_us, 0);
  EXPECT_GT(waiting->queued_us, busy->queued_us);
  EXPECT_FALSE((*pool)->progress("another"));
  pool->reset();
  loop.stop();
}

}  // namespace
}  // namespace weft::lambda

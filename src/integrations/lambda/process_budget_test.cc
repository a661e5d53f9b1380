#include "integrations/lambda/process_budget.h"

#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integrations/lambda/function_pool.h"
#include "net/loop.h"

namespace weft::lambda {
namespace {

TEST(ProcessBudgetTest, GivesAsManyAsThereAre_AndAFirstOneBeyond) {
  const auto budget = std::make_shared<ProcessBudget>(2);
  ProcessBudget::Slot one = budget->take(false);
  ProcessBudget::Slot two = budget->take(false);
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(budget->take(false));
  {
    const ProcessBudget::Slot first = budget->take(true);
    EXPECT_TRUE(first);
    one = ProcessBudget::Slot();
    EXPECT_FALSE(budget->take(false)) << "there are two still";
  }
  EXPECT_TRUE(budget->take(false));
  const auto any = std::make_shared<ProcessBudget>(0);
  EXPECT_TRUE(any->take(false));
}

TEST(ProcessBudgetTest, ProcessesOfAllTogether_AreBound_AndNoFunctionIsWithout) {
  net::Loop loop;
  loop.start(2);
  std::vector<FunctionConfig> two(2);
  for (size_t i = 0; i < two.size(); ++i) {
    two[i].name = i == 0 ? "f" : "g";
    two[i].path = std::string(WEFT_SOURCE_DIR) + "/tests/functions/node/handlers.mjs";
    two[i].handler = "describe";
    two[i].concurrency = 3;
  }
  auto pool = FunctionPool::create(loop, {.endpoint_url = "http://127.0.0.1:1", .processes_max = 2},
                                   std::move(two));
  ASSERT_TRUE(pool) << pool.error().message;
  std::vector<std::future<InvocationResult>> calls;
  for (int i = 0; i < 40; ++i) {
    auto promise = std::make_shared<std::promise<InvocationResult>>();
    calls.push_back(promise->get_future());
    Invocation invocation;
    invocation.function = i % 2 == 0 ? "f" : "g";
    invocation.payload = base::Text("{}");
    invocation.request_id = "id-" + std::to_string(i);
    (*pool)->invoke(std::move(invocation),
                    [promise](InvocationResult result) { promise->set_value(std::move(result)); });
  }
  int cold = 0;
  for (auto& call : calls) {
    const InvocationResult result = call.get();
    EXPECT_EQ(result.outcome, InvocationResult::Outcome::kSucceeded) << result.cause;
    cold += result.cold_start ? 1 : 0;
  }
  EXPECT_LE(cold, 3) << "two, and a first one beyond them";
  pool->reset();
  loop.stop();
}

}  // namespace
}  // namespace weft::lambda

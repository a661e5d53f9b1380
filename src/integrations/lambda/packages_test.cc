#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integrations/lambda/function_pool.h"
#include "integrations/lambda/launch_plan.h"
#include "net/loop.h"

// Handlers in packages of Python: the function's directory is where modules are looked for, and the
// handler's module has its name in it.

namespace weft::lambda {
namespace {

using testing::AllOf;
using testing::HasSubstr;

FunctionConfig in_directory(const std::string& handler) {
  FunctionConfig one;
  one.name = "f";
  one.path = std::string(WEFT_SOURCE_DIR) + "/tests/functions/python";
  one.handler = handler;
  return one;
}

class PythonPackageTest : public testing::TestWithParam<const char*> {};

TEST_P(PythonPackageTest, HandlerIsFoundAndFindsItsNeighbours) {
  net::Loop loop;
  loop.start(1);
  auto pool = FunctionPool::create(loop, {}, {in_directory(GetParam())});
  ASSERT_TRUE(pool.has_value()) << pool.error().message;
  Invocation invocation;
  invocation.function = "f";
  invocation.payload = base::Text("{}");
  invocation.request_id = "one";
  std::promise<InvocationResult> told;
  (*pool)->invoke(std::move(invocation),
                  [&](InvocationResult result) { told.set_value(std::move(result)); });
  const InvocationResult result = told.get_future().get();
  EXPECT_EQ(result.outcome, InvocationResult::Outcome::kSucceeded) << result.cause;
  EXPECT_THAT(result.payload.str(),
              AllOf(HasSubstr(R"("module": "pkg.inner")"),
                    HasSubstr(R"("value": "from the package")"), HasSubstr(R"("root": true)"),
                    HasSubstr(std::string(R"("_HANDLER": ")") + GetParam() + "\""),
                    HasSubstr(R"("AWS_EXECUTION_ENV": "AWS_Lambda_python3.)")));
  pool->reset();
  loop.stop();
}

INSTANTIATE_TEST_SUITE_P(Forms, PythonPackageTest,
                         testing::Values("pkg.inner.handler", "pkg/inner.handler"));

TEST(FindSource, HandlerWithoutItsFile_IsRefused) {
  const auto missing = find_source(in_directory("pkg.nothing.handler"));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("needs a file pkg.nothing.mjs"));
}

}  // namespace
}  // namespace weft::lambda

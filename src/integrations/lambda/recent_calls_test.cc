#include "integrations/lambda/recent_calls.h"

#include <gtest/gtest.h>

namespace weft::lambda {
namespace {

TEST(RecentCallsTest, At_IsTheLastThatBeganBefore) {
  RecentCalls calls;
  EXPECT_EQ(calls.at(5), "");
  calls.add("a", 10);
  calls.add("b", 20);
  EXPECT_EQ(calls.at(5), "a");
  EXPECT_EQ(calls.at(19), "a");
  EXPECT_EQ(calls.at(20), "b");
  EXPECT_EQ(calls.at(1'000), "b");
}

TEST(RecentCallsTest, OldestGoFirst) {
  RecentCalls calls;
  for (int64_t i = 0; i <= int64_t{RecentCalls::kCallsMax}; ++i) calls.add(std::to_string(i), i);
  EXPECT_EQ(calls.at(0), "1");
}

}  // namespace
}  // namespace weft::lambda

#include "integrations/lambda/call_queue.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weft::lambda {
namespace {

class CallQueueTest : public testing::Test {
 protected:
  void push(uint64_t group, std::string id) {
    auto call = std::make_unique<Call>();
    call->invocation.group = group;
    call->invocation.request_id = std::move(id);
    queue_.push(std::move(call));
  }
  // All that wait, in the order in which they are taken; each seen coming.
  std::string taken() {
    std::string all, expected;
    for (size_t i = 0; const Call* call = queue_.nth(i); ++i)
      expected += call->invocation.request_id;
    while (!queue_.empty()) {
      const std::string next = queue_.front().invocation.request_id;
      EXPECT_EQ(queue_.take()->invocation.request_id, next);
      all += next;
    }
    EXPECT_EQ(all, expected);
    return all;
  }
  CallQueue queue_;
};

TEST_F(CallQueueTest, OneGroup_OldestFirst) {
  for (const char* id : {"a", "b", "c"}) push(1, id);
  EXPECT_EQ(queue_.size(), 3u);
  EXPECT_EQ(taken(), "abc");
  EXPECT_EQ(queue_.nth(0), nullptr);
}

TEST_F(CallQueueTest, Groups_TakeTurns) {
  for (const char* id : {"a", "b", "c", "d"}) push(1, id);
  for (const char* id : {"x", "y"}) push(2, id);
  push(0, "0");
  EXPECT_EQ(taken(), "ax0bycd");
}

TEST_F(CallQueueTest, ALateGroup_WaitsForOneTurnOfEachOther) {
  for (const char* id : {"a", "b", "c"}) push(1, id);
  EXPECT_EQ(queue_.take()->invocation.request_id, "a");
  push(2, "x");
  EXPECT_EQ(taken(), "bxc");
}

TEST_F(CallQueueTest, Remove_OfAnyPlace) {
  for (const char* id : {"a", "b", "c"}) push(1, id);
  push(2, "x");
  EXPECT_EQ(queue_.remove("b")->invocation.request_id, "b");
  EXPECT_EQ(queue_.remove("x")->invocation.request_id, "x");
  EXPECT_EQ(queue_.remove("b"), nullptr);
  push(2, "y");
  EXPECT_EQ(taken(), "ayc");
}

// Ten children beside ten thousand, as two Map Runs on one function with a free process a call.
TEST_F(CallQueueTest, ASmallGroup_DoesNotWaitBehindALargeOne) {
  for (int i = 0; i < 10'000; ++i) push(1, fmt::format("large {}", i));
  for (int i = 0; i < 10; ++i) push(2, fmt::format("small {}", i));
  std::vector<std::string> first;
  for (int i = 0; i < 20; ++i) first.push_back(queue_.take()->invocation.request_id);
  EXPECT_EQ(std::ranges::count_if(first, [](const auto& id) { return id.starts_with("small"); }),
            10);
}

}  // namespace
}  // namespace weft::lambda

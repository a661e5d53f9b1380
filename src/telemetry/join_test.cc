#include "telemetry/join.h"

#include <algorithm>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace weft::telemetry {
namespace {

constexpr trace::TraceId kTrace{0x33, 0x44};

Chunk chunk_of(uint64_t trace_low, uint64_t span, uint64_t parent, std::string request = "") {
  InnerSpan one;
  one.trace = {0, trace_low};
  one.span_id = span;
  one.parent_id = parent;
  one.request_id = std::move(request);
  return {one};
}

class Join : public testing::Test {
 protected:
  Join() {
    invocations_.add("r-1", {1, 10}, kTrace, 100);
    invocations_.add("r-2", {1, 20}, kTrace, 200);
  }
  Joined join_one(Chunk chunk, CallAt call_at = nullptr) {
    std::vector<Chunk> chunks;
    chunks.push_back(std::move(chunk));
    return join(std::move(chunks), call_at, invocations_);
  }
  static CallAt always(std::string request_id) {
    return [request_id = std::move(request_id)](int64_t) { return request_id; };
  }
  uint64_t child_of(const Joined& joined) {
    return joined.blocks.empty() ? 0 : joined.blocks.front().key.index;
  }
  Invocations invocations_;
};

TEST_F(Join, RequestId_WinsAndBringsItsForeignTraceAlong) {
  auto joined = join_one(chunk_of(0x99, 1, 0, "r-1"), always("r-2"));
  ASSERT_EQ(child_of(joined), 10u);
  const InnerSpan& span = joined.blocks.front().spans.front();
  EXPECT_EQ(span.trace, kTrace);
  EXPECT_EQ(span.attempt, 100u);
  EXPECT_EQ(child_of(join_one(chunk_of(0x99, 2, 12345))), 10u);
}

TEST_F(Join, KnownParent_FindsTheCall) {
  EXPECT_EQ(child_of(join_one(chunk_of(0x44, 5, 200))), 20u);
  EXPECT_EQ(child_of(join_one(chunk_of(0x44, 6, 5))), 20u);
  EXPECT_TRUE(join_one(chunk_of(0x77, 7, 200)).blocks.empty());  // another trace's id
}

TEST_F(Join, SandboxTellsWhatNothingElseDoes) {
  EXPECT_EQ(child_of(join_one(chunk_of(0x55, 5, 0), always("r-2"))), 20u);
  EXPECT_EQ(child_of(join_one(chunk_of(0x44, 6, 999), always("r-1"))), 10u);
}

TEST_F(Join, WhoIsNotTheCallsProcess_ClaimsToBe) {
  const auto claimed = [this](Chunk chunk, CallAt call_at) {
    auto joined = join_one(std::move(chunk), std::move(call_at));
    const auto& attributes = joined.blocks.at(0).spans.at(0).attributes;
    return std::ranges::count(attributes,
                              std::pair<std::string, std::string>(trace::kClaimed, "true"));
  };
  EXPECT_EQ(claimed(chunk_of(0x44, 1, 0, "r-1"), always("r-1")), 0);
  EXPECT_EQ(claimed(chunk_of(0x55, 2, 0), always("r-2")), 0);
  EXPECT_EQ(claimed(chunk_of(0x44, 3, 0, "r-1"), always("r-2")), 1);  // another's call
  EXPECT_EQ(claimed(chunk_of(0x44, 4, 100), always("r-2")), 1);       // by its span
  EXPECT_EQ(claimed(chunk_of(0x44, 5, 100), nullptr), 1);             // through the shared port
}

// A library's batch timer may send a span while its process works on the next call already.
TEST_F(Join, LateSpans_BelongToTheCallOfTheirTime) {
  Chunk chunk = chunk_of(0x44, 6, 999);
  chunk.front().start_ns = 900;
  chunk.front().duration_ns = 150;
  const CallAt call_at = [](int64_t at) { return at < 1'000 ? "r-1" : "r-2"; };
  EXPECT_EQ(child_of(join_one(chunk, call_at)), 10u);
  chunk.front().span_id = 7;
  chunk.front().start_ns = 990;
  EXPECT_EQ(child_of(join_one(chunk, call_at)), 20u);
}

TEST_F(Join, WholeMilliseconds_MayEndBeforeTheirCallBegan) {
  constexpr int64_t kMs = 1'000'000, kSecond = 1'700'000'000'000 * kMs;
  const CallAt call_at = [](int64_t at) { return at < kSecond + 300'000 ? "r-1" : "r-2"; };
  Chunk chunk = chunk_of(0x99, 1, 0);
  chunk.front().start_ns = kSecond;
  EXPECT_EQ(child_of(join_one(chunk, call_at)), 20u);
  chunk.front().trace.low = 0x98;
  chunk.front().start_ns = kSecond - kMs;
  EXPECT_EQ(child_of(join_one(chunk, call_at)), 10u);
  chunk.front().trace.low = 0x97;
  chunk.front().start_ns = kSecond + 100'000;
  EXPECT_EQ(child_of(join_one(chunk, call_at)), 10u);
}

TEST_F(Join, RuntimeApiCalls_AreLeftOut) {
  Chunk chunk = chunk_of(0x55, 5, 0);
  chunk.front().attributes.emplace_back("http.url",
                                        "http://127.0.0.1:1/2018-06-01/runtime/invocation/next");
  EXPECT_TRUE(join_one(std::move(chunk), always("r-2")).blocks.empty());
}

TEST_F(Join, TraceAlone_IsAnOrphan) {
  auto joined = join_one(chunk_of(0x44, 5, 999));
  EXPECT_EQ(joined.orphaned, 1u);
  EXPECT_EQ(joined.blocks.front().spans.front().attempt, 0u);
}

TEST_F(Join, NothingOfOurs_IsLeftOut) {
  auto joined = join_one(chunk_of(0x55, 5, 0));
  EXPECT_EQ(joined.unknown, 1u);
  EXPECT_TRUE(joined.blocks.empty());
}

TEST(InvocationsTest, OldestGoFirst) {
  Invocations invocations(2, 10);
  for (uint64_t i = 1; i <= 3; ++i) {
    invocations.add(std::to_string(i), {1, i}, {0, i}, i);
  }
  EXPECT_EQ(invocations.by_request("1"), nullptr);
  EXPECT_EQ(invocations.by_span(1, 1), nullptr);
  ASSERT_NE(invocations.by_request("3"), nullptr);
  invocations.add("3", {1, 4}, {0, 3}, 4);
  EXPECT_EQ(invocations.by_request("3")->key.index, 4u);
}

TEST(InvocationsTest, EveryCallOfTheLastWhileIsFoundByEachOfItsNames) {
  constexpr uint64_t kMax = 100;
  Invocations invocations(kMax, 10);
  // Ids that share the ends their lists are chosen by.
  const auto attempt = [](uint64_t i) { return i << 20; };
  for (uint64_t i = 1; i <= 1'000; ++i) {
    invocations.add(std::to_string(i), {1, i}, {0, i / 10}, attempt(i));
    const uint64_t oldest = i < kMax ? 1 : i - kMax + 1;
    ASSERT_EQ(invocations.by_request(std::to_string(oldest))->key.index, oldest);
    ASSERT_EQ(invocations.by_span(attempt(oldest), oldest / 10)->key.index, oldest);
    ASSERT_EQ(invocations.by_span(attempt(oldest - 1), (oldest - 1) / 10), nullptr);
    ASSERT_EQ(invocations.by_request(std::to_string(oldest - 1)), nullptr);
    ASSERT_EQ(invocations.any_of_trace(i / 10)->key.index, i);
  }
  EXPECT_EQ(invocations.any_of_trace(50), nullptr);
}

// A service that was asked by another sends its spans first.
TEST_F(Join, SpansBeforeTheirParents_WaitForThem) {
  Waiting held;
  const auto join_held = [&](Chunk chunk) {
    std::vector<Chunk> chunks;
    chunks.push_back(std::move(chunk));
    return join(std::move(chunks), nullptr, invocations_, &held);
  };
  EXPECT_TRUE(join_held(chunk_of(0x44, 7, 6)).blocks.empty());
  EXPECT_TRUE(join_held(chunk_of(0x44, 6, 5)).blocks.empty());
  const Joined joined = join_held(chunk_of(0x44, 5, 200));
  EXPECT_EQ(joined.joined, 3u);
  ASSERT_EQ(joined.blocks.size(), 1u);
  EXPECT_EQ(joined.blocks.front().key.index, 20u);
  for (const InnerSpan& span : joined.blocks.front().spans) EXPECT_EQ(span.attempt, 200u);
  EXPECT_TRUE(held.chunks.older_than(HeldFor<Chunk>::Clock::time_point::max()).empty());
}

TEST_F(Join, SpansInOneRequest_MayStandBeforeTheirParents) {
  Waiting held;
  const Joined joined =
      join({chunk_of(0x44, 6, 5), chunk_of(0x44, 5, 100)}, nullptr, invocations_, &held);
  EXPECT_EQ(joined.joined, 2u);
  EXPECT_EQ(child_of(joined), 10u);
}

TEST_F(Join, SpansWithoutAParentToWaitFor_DoNotWait) {
  Waiting held;
  EXPECT_EQ(join({chunk_of(0x44, 6, 0)}, nullptr, invocations_, &held).orphaned, 1u);
  EXPECT_EQ(join({chunk_of(0x66, 6, 5)}, nullptr, invocations_, &held).unknown, 1u);
}

TEST_F(Join, HeldSpans_GiveWayToNewerOnes) {
  Waiting held{.chunks = HeldFor<Chunk>({.count = 2, .bytes = 1 << 20})};
  for (uint64_t span : {11, 12}) {
    EXPECT_EQ(join({chunk_of(0x44, span, span + 100)}, nullptr, invocations_, &held).orphaned, 0u);
  }
  const Joined joined = join({chunk_of(0x44, 13, 113)}, nullptr, invocations_, &held);
  EXPECT_EQ(joined.orphaned, 1u);
  EXPECT_EQ(joined.gave_way, 1u);
  ASSERT_EQ(joined.blocks.size(), 1u);
  EXPECT_EQ(joined.blocks.front().spans.front().span_id, 11u);
  EXPECT_EQ(held.chunks.older_than(HeldFor<Chunk>::Clock::time_point::max()).size(), 2u);
}

}  // namespace
}  // namespace weft::telemetry

#include "telemetry/held.h"

#include <gtest/gtest.h>

namespace weft::telemetry {
namespace {

using Clock = HeldFor<Chunk>::Clock;

Chunk chunk_of(uint64_t span, size_t text_bytes) {
  Chunk chunk(1);
  chunk.front().span_id = span;
  chunk.front().attributes.emplace_back("key", std::string(text_bytes, 'x'));
  return chunk;
}

TEST(Held, BytesOfAllTextsCount) {
  constexpr size_t kText = 10'000;
  InnerSpan span;
  for (std::string* text : {&span.service, &span.name, &span.resource, &span.type, &span.error_type,
                            &span.error_message, &span.error_stack, &span.request_id}) {
    text->assign(kText, 'x');
  }
  span.attributes = {{std::string(kText, 'k'), std::string(kText, 'v')}};
  EXPECT_GE(size_of(Chunk{span}).bytes, sizeof(InnerSpan) + 10 * kText);
  LogRecord record;
  trace::LogLine& line = record.line;
  for (std::string* text : {&line.request_id, &line.severity, &line.logger, &line.text})
    text->assign(kText, 'x');
  line.attributes = {{std::string(kText, 'k'), std::string(kText, 'v')}};
  EXPECT_GE(size_of(record).bytes, 6 * kText);
}

TEST(Held, BeyondItsBytes_TheOldestGiveWay) {
  HeldFor<Chunk> held({.count = 1'000, .bytes = 100'000});
  size_t given_up = 0;
  for (uint64_t span = 1; span <= 20; ++span) {
    for (const Chunk& each : held.hold(chunk_of(span, 20'000), {77}, Clock::now()))
      EXPECT_EQ(each.front().span_id, ++given_up);
  }
  EXPECT_EQ(given_up, 16u);
  EXPECT_EQ(held.release(77).size(), 4u);
  // One that is larger than all there may be does not wait, and nobody waits after it.
  EXPECT_EQ(held.hold(chunk_of(1, 200'000), {77}, Clock::now()).size(), 1u);
  EXPECT_TRUE(held.hold(chunk_of(1, 20'000), {77}, Clock::now()).empty());
}

TEST(Held, WhatItWaitsForCounts) {
  HeldFor<Chunk> held({.count = 1'000, .bytes = 100'000});
  EXPECT_EQ(held.hold(chunk_of(1, 1), std::vector<uint64_t>(10'000, 7), Clock::now()).size(), 1u);
}

// So many that time in proportion to their square would show.
TEST(Held, ManyMayWaitForOneSpan) {
  constexpr size_t kMany = 100'000;
  HeldFor<Chunk> held({.count = kMany / 2, .bytes = SIZE_MAX});
  size_t given_up = 0;
  for (uint64_t span = 1; span <= kMany; ++span)
    given_up += held.hold(chunk_of(span, 1), {77}, Clock::now()).size();
  EXPECT_EQ(given_up, kMany / 2);
  EXPECT_EQ(held.release(77).size(), kMany / 2);
  EXPECT_TRUE(held.release(77).empty());
}

}  // namespace
}  // namespace weft::telemetry

#include "exports/live_spans.h"

#include <gtest/gtest.h>

#include "store/store.h"

namespace weft::exports {
namespace {

// Whoever reports an end never waits, whatever the destination does; what is not sent is counted.
TEST(LiveSpans, FullQueue_DropsAndCounts) {
  const auto store = store::open_memory();
  const reading::Query query(*store, {});
  LiveSpans spans({.kind = Destination::Kind::kOtlp, .url = "http://127.0.0.1:1/v1/traces"});
  const trace::Redactor payloads;
  spans.start({.query = &query, .payloads = &payloads});
  constexpr uint64_t kExecutions = LiveSpans::kQueueMax + 1'000;
  for (uint64_t i = 1; i <= kExecutions; ++i) spans.ended({0, i}, std::nullopt);
  EXPECT_LE(spans.counts().waiting, LiveSpans::kQueueMax);
  EXPECT_GE(spans.counts().dropped_executions, 1u);
  spans.finish({}, {});
  spans.join();
  const LiveSpans::Counts counts = spans.counts();
  EXPECT_EQ(counts.dropped_executions, kExecutions);
  EXPECT_EQ(counts.waiting, 0u);
  EXPECT_EQ(counts.sent_spans, 0u);
  spans.ended({0, 1}, std::nullopt);  // too late
  EXPECT_EQ(spans.counts().dropped_executions, kExecutions + 1);
}

}  // namespace
}  // namespace weft::exports

#include "trace/ids.h"

#include <gtest/gtest.h>

// Vectors: spec datadog.md section 1.5, recomputed with Datadog's libraries.

namespace weft::trace {
namespace {

TEST(Ids, KnownHashes_Agree) {
  EXPECT_EQ(high_hash("some_testing_random_string"), 4364271812988819936u);
  EXPECT_EQ(low_hash("some_testing_random_string"), 7456137785171041414u);
}

TEST(Ids, TraceOfRoot_IsDatadogs) {
  TraceId id = trace_of_root("arn:aws:states:us-east-1:123456789012:execution:MyMachine:root-1");
  EXPECT_EQ(id.low, 3045353155436941590u);
  EXPECT_EQ(id.hex(), "33089bd613b96f232a43448f556f1116");
}

TEST(Ids, SpanOfAttempt_CountsRetriesAndRedrives) {
  constexpr std::string_view kArn =
      "arn:aws:states:sa-east-1:425362996713:execution:abhinav-activity-state-machine:"
      "72a7ca3e-901c-41bb-b5a3-5f279b92a316";
  constexpr std::string_view kEntered = "2024-12-04T19:38:04.118Z";
  EXPECT_EQ(span_of_attempt(kArn, "Lambda Invoke", kEntered, 0, 0), 3929055471293792800u);
  EXPECT_EQ(span_of_attempt(kArn, "Lambda Invoke", kEntered, 0, 1), 8782364156266188026u);
  EXPECT_EQ(span_of_attempt(kArn, "Lambda Invoke", kEntered, 1, 0), 5324109749361013132u);
  EXPECT_EQ(span_of_attempt(kArn, "Lambda Invoke", kEntered, 1, 1), 2628671995960372739u);
}

TEST(Ids, DistributedMapChild_HasItsOwnParentSpan) {
  EXPECT_EQ(span_of_attempt("arn:aws:states:us-east-1:123456789012:execution:MyMachine/"
                            "ProcessImageMap:0c1f7a6e-1111-3333-8888-aaaaaaaaaaaa",
                            "Lambda Invoke", "2025-06-01T00:00:01.050Z", 0, 0),
            2212676373656268639u);
  EXPECT_EQ(hex_of(2212676373656268639u), "1eb5017046ae6f5f");
}

}  // namespace
}  // namespace weft::trace

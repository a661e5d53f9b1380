#include "telemetry/dogstatsd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::telemetry {
namespace {

using testing::ElementsAre;
using Type = MetricPoint::Type;

MetricPoint one(std::string_view line) {
  Datagram read = parse_dogstatsd(line);
  EXPECT_EQ(read.points.size(), 1u) << line;
  EXPECT_EQ(read.malformed, 0u) << line;
  return read.points.empty() ? MetricPoint() : read.points.front();
}

TEST(DogStatsd, Counter_WithRateAndTags) {
  const MetricPoint point = one("users.online:5|c|@0.5|#country:china,beta");
  EXPECT_EQ(point.type, Type::kCount);
  EXPECT_EQ(point.name, "users.online");
  EXPECT_THAT(point.values, ElementsAre(5));
  EXPECT_EQ(point.rate, 0.5);
  EXPECT_THAT(point.tags, ElementsAre("country:china", "beta"));
}

TEST(DogStatsd, EveryType_IsKnown) {
  EXPECT_EQ(one("fuel.level:0.5|g").type, Type::kGauge);
  EXPECT_EQ(one("song.length:240|h|@0.5").type, Type::kDistribution);
  EXPECT_EQ(one("song.length:240|ms").type, Type::kDistribution);
  EXPECT_EQ(one("song.length:240|d").type, Type::kDistribution);
  const MetricPoint set = one("users.uniques:12:34|s");
  EXPECT_EQ(set.type, Type::kSet);
  EXPECT_EQ(set.member, "12:34");
}

TEST(DogStatsd, PackedValues_AllCount) {
  EXPECT_THAT(one("page.views:1:2:-32.5|d").values, ElementsAre(1, 2, -32.5));
}

// The form of datadog-lambda-js.
TEST(DogStatsd, LaterSections_AreIgnored) {
  const MetricPoint point = one(
      "aws.lambda.enhanced.invocations:1|d|#cold_start:true|c:83c0a99|T1656581400|e:x|card:low");
  EXPECT_THAT(point.tags, ElementsAre("cold_start:true"));
}

TEST(DogStatsd, Gauges_KnowNoRate) { EXPECT_EQ(one("a:1|g|@0.1").rate, 1); }

TEST(DogStatsd, Lines_StandForThemselves) {
  const Datagram read = parse_dogstatsd("a:1|c\nno metric\n\nb:2|g\n_e{1,1}:a|b\n_sc|up|0\n");
  EXPECT_EQ(read.points.size(), 2u);
  EXPECT_EQ(read.malformed, 1u);
  EXPECT_EQ(read.other, 2u);
}

TEST(DogStatsd, MalformedLines_AreCounted) {
  for (const char* line : {":1|c", "a:|c", "a:1", "a:1|", "a:1|x", "a:x|c", "a:nan|g", "a:inf|g",
                           "a:1|c|@0", "a:1|c|@2", "a:1|c|@x", "a:|s", "|", ":", "a"}) {
    const Datagram read = parse_dogstatsd(line);
    EXPECT_EQ(read.malformed, 1u) << line;
    EXPECT_TRUE(read.points.empty()) << line;
  }
}

}  // namespace
}  // namespace weft::telemetry

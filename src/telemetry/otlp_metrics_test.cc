#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/prometheus.h"
#include "telemetry/function_metrics.h"
#include "telemetry/otlp_point.h"
#include "telemetry/otlp_streams.h"
#include "telemetry/otlp_text.h"

namespace weft::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using Kind = OtlpPoint::Kind;

constexpr std::string_view kJson = R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[
  {"name":"orders.done","sum":{"isMonotonic":true,"aggregationTemporality":2,"dataPoints":[
    {"startTimeUnixNano":"5","timeUnixNano":"9","asInt":"3","attributes":[{"key":"kind","value":{"stringValue":"odd"}}]}]}},
  {"name":"queue.depth","gauge":{"dataPoints":[{"asDouble":1.5},{"flags":1}]}},
  {"name":"size","histogram":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA","dataPoints":[
    {"count":"4","sum":55,"bucketCounts":["1",0,"3"],"explicitBounds":[10,20],"max":25}]}},
  {"name":"time","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[
    {"count":"6","sum":12,"scale":1,"zeroCount":"1","positive":{"offset":-1,"bucketCounts":["2","0","3"]}}]}},
  {"name":"old","summary":{"dataPoints":[{"count":"1"}]}}]}]}]})";

void expect_points(const std::vector<OtlpPoint>& points) {
  ASSERT_EQ(points.size(), 5u);
  EXPECT_EQ(points[0].kind, Kind::kSum);
  EXPECT_TRUE(points[0].cumulative && points[0].monotonic && !points[0].delta);
  EXPECT_EQ(points[0].name, "orders.done");
  EXPECT_EQ(points[0].start_ns, 5u);
  EXPECT_EQ(points[0].time_ns, 9u);
  EXPECT_EQ(points[0].value, 3);
  EXPECT_THAT(points[0].attributes, ElementsAre(Pair("kind", "odd")));
  EXPECT_EQ(points[1].kind, Kind::kGauge);
  EXPECT_EQ(points[1].value, 1.5);
  EXPECT_TRUE(points[2].delta);
  EXPECT_THAT(points[2].buckets, ElementsAre(Pair(0, 1u), Pair(2, 3u)));
  EXPECT_THAT(points[2].bounds, ElementsAre(10, 20));
  EXPECT_EQ(points[2].sum, 55);
  EXPECT_EQ(points[2].max, 25);
  EXPECT_EQ(points[3].scale, 1);
  EXPECT_EQ(points[3].zeros, 1u);
  EXPECT_THAT(points[3].buckets, ElementsAre(Pair(-1, 2u), Pair(1, 3u)));
  EXPECT_EQ(points[4].kind, Kind::kSummary);
}

std::string metric(std::string_view name, uint32_t field, const std::string& data) {
  return otlp::bytes(2, otlp::bytes(1, name) + otlp::bytes(field, data));
}

std::string protobuf_request() {
  const std::string sum =
      otlp::bytes(1, otlp::attribute(7, "kind", otlp::bytes(1, "odd")) + otlp::fixed64(2, 5) +
                         otlp::fixed64(3, 9) + otlp::fixed64(6, 3)) +
      otlp::number(2, 2) + otlp::number(3, 1);
  const std::string gauge = otlp::bytes(1, otlp::real(4, 1.5)) + otlp::bytes(1, otlp::number(8, 1));
  const std::string histogram =
      otlp::bytes(1, otlp::fixed64(4, 4) + otlp::real(5, 55) + otlp::fixed64_list(6, {1, 0, 3}) +
                         otlp::real_list(7, {10, 20}) + otlp::real(12, 25)) +
      otlp::number(2, 1);
  const std::string exponential =
      otlp::bytes(1, otlp::fixed64(4, 6) + otlp::real(5, 12) + otlp::zigzag(6, 1) +
                         otlp::fixed64(7, 1) +
                         otlp::bytes(8, otlp::zigzag(1, -1) + otlp::number_list(2, {2, 0, 3}))) +
      otlp::number(2, 1);
  const std::string summary = otlp::bytes(1, otlp::fixed64(4, 1));
  const std::string scope = metric("orders.done", 7, sum) + metric("queue.depth", 5, gauge) +
                            metric("size", 9, histogram) + metric("time", 10, exponential) +
                            metric("old", 11, summary);
  return otlp::bytes(1, otlp::bytes(2, scope));
}

TEST(OtlpMetrics, Json_IsRead) {
  const auto points = decode_otlp_metrics_json(kJson);
  ASSERT_TRUE(points) << points.error().message;
  expect_points(*points);
}

TEST(OtlpMetrics, Protobuf_IsReadToTheSame) {
  const auto points = decode_otlp_metrics_protobuf(protobuf_request());
  ASSERT_TRUE(points) << points.error().message;
  expect_points(*points);
}

TEST(OtlpMetrics, EveryCutAndEveryChangedByte_EndsInAnAnswer) {
  const std::string whole = protobuf_request();
  for (size_t i = 1; i < whole.size(); ++i) {
    EXPECT_FALSE(decode_otlp_metrics_protobuf(whole.substr(0, i))) << i;
    for (int value = 0; value < 256; value += 5) {
      std::string changed = whole;
      changed[i] = static_cast<char>(value);
      const auto points = decode_otlp_metrics_protobuf(changed);
      if (!points) continue;
      for (const OtlpPoint& point : *points)
        (void)with_metric_point(point, [](const MetricPoint&) { return true; });
    }
  }
}

// Takes points as the intake does.
class OtlpMetricsPage : public testing::Test {
 protected:
  bool take(OtlpPoint point, std::string_view sender = "f/1") {
    return streams_.make_delta(point, sender, 1'000) &&
           with_metric_point(point, [&](const MetricPoint& metric) {
             return metrics_.take(metric, {{"stepname", "Order"}});
           });
  }
  static OtlpPoint counter(double value, uint64_t start_ns = 5) {
    return {.kind = Kind::kSum,
            .cumulative = true,
            .monotonic = true,
            .name = "orders.done",
            .start_ns = start_ns,
            .value = value};
  }
  std::string page() const {
    metrics::Registry registry;
    metrics_.add_to(registry);
    return metrics::prometheus_text(registry, {});
  }
  metrics::Sketch sketch(const std::string& name) const {
    metrics::Registry registry;
    metrics_.add_to(registry);
    return registry.distribution(name, {{"stepname", "Order"}});
  }

  FunctionMetrics metrics_;
  OtlpStreams streams_{500};
};

TEST_F(OtlpMetricsPage, CumulativeSumsOfProcesses_AddUp) {
  EXPECT_TRUE(take(counter(3)));
  EXPECT_TRUE(take(counter(5)));
  EXPECT_TRUE(take(counter(5)));
  EXPECT_TRUE(take(counter(2), "f/2"));
  EXPECT_TRUE(take(counter(1, 6), "f/2")) << "began anew";
  EXPECT_THAT(page(), HasSubstr("orders_done_total{stepname=\"Order\"} 8\n"));
}

TEST_F(OtlpMetricsPage, UnknownSenderFromBefore_CountsFromItsSecondPoint) {
  EXPECT_TRUE(take(counter(100), ""));
  EXPECT_TRUE(take(counter(104), ""));
  EXPECT_THAT(page(), HasSubstr("orders_done_total{stepname=\"Order\"} 4\n"));
}

TEST_F(OtlpMetricsPage, DeltasAndGauges) {
  const OtlpPoint added{.kind = Kind::kSum, .delta = true, .name = "open", .value = 2};
  EXPECT_TRUE(take(added));
  EXPECT_TRUE(take(added));
  EXPECT_TRUE(take({.kind = Kind::kGauge, .name = "depth", .value = 7}));
  EXPECT_TRUE(take({.kind = Kind::kGauge, .name = "depth", .value = -3}));
  EXPECT_TRUE(take({.kind = Kind::kSum, .cumulative = true, .name = "used", .value = 9}));
  EXPECT_THAT(page(), HasSubstr("\nopen{stepname=\"Order\"} 4\n"));
  EXPECT_THAT(page(), HasSubstr("\ndepth{stepname=\"Order\"} -3\n"));
  EXPECT_THAT(page(), HasSubstr("\nused{stepname=\"Order\"} 9\n"));
}

TEST_F(OtlpMetricsPage, ExplicitHistograms_BecomeDistributionsWithTheirSum) {
  OtlpPoint point{.kind = Kind::kHistogram,
                  .cumulative = true,
                  .name = "size",
                  .count = 4,
                  .sum = 55,
                  .max = 25};
  set_explicit_buckets({1, 0, 3}, {10, 20}, point);
  EXPECT_TRUE(take(point));
  EXPECT_EQ(sketch("size").count(), 4u);
  EXPECT_EQ(sketch("size").sum(), 55);
  EXPECT_NEAR(sketch("size").quantile(0.9), 22.5, 0.3);
  point.buckets[0] = 2;
  point.count = 5;
  point.sum = 56;
  EXPECT_TRUE(take(point));
  EXPECT_EQ(sketch("size").count(), 5u);
  EXPECT_EQ(sketch("size").sum(), 56);
  EXPECT_NEAR(sketch("size").min(), 1, 0.02) << "alone in its bucket: the sum tells its value";
}

TEST_F(OtlpMetricsPage, ExponentialHistograms_AreWithinTheirOwnError_AlsoWhenTheyGetWider) {
  OtlpPoint point{.kind = Kind::kExponentialHistogram, .cumulative = true, .name = "time"};
  point.scale = 5;
  point.count = 3;
  for (const double value : {1.5, 3.0, 100.0})
    ++point.buckets[static_cast<int64_t>(std::ceil(std::log2(value) * 32)) - 1];
  EXPECT_TRUE(take(point));
  EXPECT_NEAR(sketch("time").quantile(1), 100, 100 * 0.03);
  OtlpPoint wide = point;
  wide.scale = 3;
  wide.buckets.clear();
  for (const auto& [bucket, count] : point.buckets) wide.buckets[bucket >> 2] += count;
  wide.buckets[80] = 2;  // 2^10
  wide.count = 5;
  EXPECT_TRUE(take(wide));
  EXPECT_EQ(sketch("time").count(), 5u);
  EXPECT_NEAR(sketch("time").quantile(1), 1024, 1024 * 0.06);
}

TEST_F(OtlpMetricsPage, WhatCannotBeTaken_IsRefused) {
  EXPECT_FALSE(take({.kind = Kind::kSummary, .name = "old"}));
  EXPECT_FALSE(take({.kind = Kind::kSum, .name = "unspecified", .value = 1}));
  EXPECT_FALSE(take({.kind = Kind::kGauge, .name = "nan", .value = std::nan("")}));
  OtlpPoint bad{.kind = Kind::kHistogram, .delta = true, .name = "bad", .count = 1};
  set_explicit_buckets({1, 2}, {10, 20}, bad);
  EXPECT_FALSE(take(bad));
  OtlpPoint large{.kind = Kind::kHistogram, .delta = true, .name = "large", .count = 1};
  set_explicit_buckets(std::vector<uint64_t>(OtlpPoint::kBucketsMax + 1, 1),
                       std::vector<double>(OtlpPoint::kBucketsMax, 1), large);
  EXPECT_FALSE(take(large));
  EXPECT_THAT(page(), Not(HasSubstr("old")));
}

TEST_F(OtlpMetricsPage, StreamsBeyondTheBound_AreRefusedUntilOthersAreSilent) {
  OtlpPoint point = counter(1);
  for (size_t i = 0; i < OtlpStreams::kStreamsMax; ++i) {
    OtlpPoint one = point;
    ASSERT_TRUE(streams_.make_delta(one, std::to_string(i), 1));
  }
  OtlpPoint more = point;
  EXPECT_FALSE(streams_.make_delta(more, "more", 2));
  EXPECT_TRUE(streams_.make_delta(more, "more", OtlpStreams::kSilenceNs + 20'000'000'000));
}

}  // namespace
}  // namespace weft::telemetry

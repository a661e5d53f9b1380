#include "metrics/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/prometheus.h"

namespace weft::metrics {
namespace {

using testing::HasSubstr;

TEST(Registry, Merge_AddsCountersDistributionsAndSums) {
  Registry one;
  Registry two;
  one.counter("c", {{"b", "2"}, {"a", "1"}}) = 3;
  two.counter("c", {{"a", "1"}, {"b", "2"}}) = 4;
  one.distribution("d", {}).add(10);
  two.distribution("d", {}).add(20);
  one.add_to_gauge("g", {}, 1);
  two.add_to_gauge("g", {}, 2);
  one.raise_gauge("m", {}, 9);
  two.raise_gauge("m", {}, 2);
  one.merge(two);
  EXPECT_EQ(one.counter("c", {{"a", "1"}, {"b", "2"}}), 7u);
  EXPECT_EQ(one.distribution("d", {}).count(), 2u);
  EXPECT_EQ(one.gauges().at("g").at({}), 3);
  EXPECT_EQ(one.largest().at("m").at({}), 9);
}

TEST(Registry, TooManySeries_OverflowWithoutMixingParentsAndChildren) {
  Registry registry;
  for (size_t i = 0; i < Registry::kSeriesMax + 10; ++i) {
    const std::string child = i % 2 == 0 ? "true" : "false";
    ++registry.counter("c", {{"stepname", std::to_string(i)}, {"is_distributed_map_child", child}});
  }
  EXPECT_EQ(registry.counters().at("c").size(), Registry::kSeriesMax + 2);
  EXPECT_EQ(registry.counter("c", {{"is_distributed_map_child", "true"}, {"overflow", "true"}}),
            5u);
}

TEST(Prometheus, Text_HasEveryKindWithHelpAndType) {
  Registry registry;
  registry.counter("aws.states.x", {{"error.type", "a\"b\\c\nd"}}) = 2;
  registry.add_to_gauge("weft.running", {}, 4);
  for (int i = 1; i <= 100; ++i) registry.distribution("weft.time", {{"s", "1"}}).add(i * 10'000);
  const std::string text = prometheus_text(
      registry, {{"aws.states.x", "Counts x.", false}, {"weft.time", "Times.", true}});
  EXPECT_THAT(text, HasSubstr("# HELP aws_states_x_total Counts x.\n# TYPE aws_states_x_total "
                              "counter\naws_states_x_total{error_type=\"a\\\"b\\\\c\\nd\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE weft_running gauge\nweft_running 4\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE weft_time_seconds summary\n"));
  EXPECT_THAT(text, HasSubstr("weft_time_seconds{s=\"1\",quantile=\"0.5\"} 0.5"));
  EXPECT_THAT(text, HasSubstr("weft_time_seconds_sum{s=\"1\"} 50.5\n"));
  EXPECT_THAT(text, HasSubstr("weft_time_seconds_count{s=\"1\"} 100\n"));
  EXPECT_THAT(text, HasSubstr("weft_time_bucketed_seconds_bucket{s=\"1\",le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("weft_time_bucketed_seconds_bucket{s=\"1\",le=\"1\"} 100\n"));
  EXPECT_THAT(text, HasSubstr("weft_time_bucketed_seconds_bucket{s=\"1\",le=\"+Inf\"} 100\n"));
}

TEST(Sketch, CountUpTo_IsWithinOnePercentOfTheBound) {
  Sketch sketch;
  for (int i = 0; i <= 1'000; ++i) sketch.add(i);
  EXPECT_EQ(sketch.count_up_to(-1), 0u);
  EXPECT_EQ(sketch.count_up_to(0), 1u);
  EXPECT_EQ(sketch.count_up_to(1'000), 1'001u);
  EXPECT_NEAR(static_cast<double>(sketch.count_up_to(500)), 501, 11);
}

}  // namespace
}  // namespace weft::metrics

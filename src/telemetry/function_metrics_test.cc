#include "telemetry/function_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/prometheus.h"

namespace weft::telemetry {
namespace {

using metrics::Labels;
using testing::HasSubstr;
using testing::Not;

class FunctionMetricsTest : public testing::Test {
 protected:
  // How many points of the datagram were taken.
  size_t send(std::string_view datagram, const Labels& call = {}) {
    size_t taken = 0;
    for (const MetricPoint& point : parse_dogstatsd(datagram).points)
      taken += metrics_.take(point, call) ? 1 : 0;
    return taken;
  }
  std::string page() const {
    metrics::Registry registry;
    metrics_.add_to(registry);
    return metrics::prometheus_text(registry, {});
  }
  FunctionMetrics metrics_;
};

TEST_F(FunctionMetricsTest, EachTypeIsShown) {
  EXPECT_EQ(send("orders.done:2|c|@0.5\norders.done:1|c\ndepth:3|g\ndepth:4|g\n"
                 "latency:10:20|ms|@0.5\nusers:a|s\nusers:b|s\nusers:a|s"),
            8u);
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("# TYPE orders_done_total counter\norders_done_total 5\n"));
  EXPECT_THAT(text, HasSubstr("depth 4\n"));
  EXPECT_THAT(text, HasSubstr("latency_sum 60\nlatency_count 4\n"));
  EXPECT_THAT(text, HasSubstr("users 2\n"));
}

TEST_F(FunctionMetricsTest, TheCallsLabels_StandBesideTagsAndWin) {
  const Labels call = {{"is_distributed_map_child", "true"}, {"stepname", "Invoke"}};
  send("a:1|c|#stepname:mine,is_distributed_map_child:false,kind:x,kind:y,beta,le:5,__z:1,9b:1",
       call);
  EXPECT_THAT(page(),
              HasSubstr("a_total{_9b=\"1\",beta=\"true\",is_distributed_map_child=\"true\","
                        "kind=\"x,y\",stepname=\"Invoke\",tag___z=\"1\",tag_le=\"5\"} 1\n"));
  send("b:1|c|#is_distributed_map_child:true");
  EXPECT_THAT(page(), HasSubstr("b_total 1\n"));
}

TEST_F(FunctionMetricsTest, WhatPrometheusForbids_IsRewritten) {
  send("9 odd-n\xC3\xA4me:1|g|#k:a\xFF\"b");
  EXPECT_THAT(page(), HasSubstr("_9_odd_n__me{k=\"a?\\\"b\"} 1\n"));
}

TEST_F(FunctionMetricsTest, Refused_OwnNamesOtherTypesAndFallingCounters) {
  EXPECT_EQ(send("weft.map.children.failed:1|c\naws.states.enhanced.x:1|c\na:-1|c"), 0u);
  EXPECT_EQ(send("x:1|c\nx:1|g\nx:1|d\nx_total:1|g"), 2u);  // a counter is x_total, a gauge x
  EXPECT_THAT(page(), Not(HasSubstr("weft_map")));
}

TEST_F(FunctionMetricsTest, NamesSeriesAndMembers_AreBounded) {
  for (size_t i = 0; i <= FunctionMetrics::kNamesMax; ++i) send("n" + std::to_string(i) + ":1|g");
  EXPECT_EQ(send("late:1|g"), 0u);
  for (size_t i = 0; i <= metrics::Registry::kSeriesMax; ++i)
    send("n0:1|g|#i:" + std::to_string(i), {{"is_distributed_map_child", "true"}});
  EXPECT_THAT(page(), HasSubstr("n0{is_distributed_map_child=\"true\",overflow=\"true\"} 1\n"));
}

}  // namespace
}  // namespace weft::telemetry

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

TEST_F(FunctionMetricsTest, SecretsInTags_AreHidden) {
  EXPECT_EQ(send("a:1|c|#user.password:hunter2,api/key:k-123,plan:gold,x:Bearer abcdefgh12345678\n"
                 "a:1|c|#user.password:hunter3,api/key:k-124,plan:gold,x:Bearer abcdefgh87654321\n"
                 "b:1|g|#login=https://me:swordfish@example.com,key:AKIAABCDEFGHIJKLMNOP"),
            3u);
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("a_total{api_key=\"[redacted]\",plan=\"gold\","
                              "user_password=\"[redacted]\",x=\"Bearer [redacted]\"} 2\n"));
  for (const char* secret : {"hunter", "k-12", "abcdefgh", "swordfish", "AKIA"})
    EXPECT_THAT(text, Not(HasSubstr(secret)));
}

TEST_F(FunctionMetricsTest, SecretsInNames_AreHidden) {
  EXPECT_EQ(send("calls.AKIAABCDEFGHIJKLMNOP.done:1|c\ncalls.AKIAPONMLKJIHGFEDCBA.done:2|c\n"
                 "AKIAABCDEFGHIJKLMNOP:3|g\nby.ghp_abcdefghijklmnopqrstuvwxyz0123456789:4|g\n"
                 "login?password=hunter2:5|g\npassword.resets:6|g"),
            6u);
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("\ncalls__redacted__done_total 3\n"));
  EXPECT_THAT(text, HasSubstr("\n_redacted_ 3\n"));
  EXPECT_THAT(text, HasSubstr("\nby__redacted_ 4\n"));
  EXPECT_THAT(text, HasSubstr("\nlogin_password__redacted_ 5\n"));
  EXPECT_THAT(text, HasSubstr("\npassword_resets 6\n"));
  for (const char* secret : {"AKIA", "ghp", "hunter"}) EXPECT_THAT(text, Not(HasSubstr(secret)));
}

TEST(FunctionMetricsRedaction, RulesGivenAreThoseThatHold) {
  trace::RedactionRules rules{.secrets = false, .keys = {"customer"}};
  FunctionMetrics metrics(*trace::Redactor::create(rules));
  for (const MetricPoint& point :
       parse_dogstatsd("a:1|c|#customer_id:7,token:t\nAKIAABCDEFGHIJKLMNOP:1|g").points)
    EXPECT_TRUE(metrics.take(point, {}));
  metrics::Registry registry;
  metrics.add_to(registry);
  EXPECT_THAT(metrics::prometheus_text(registry, {}),
              AllOf(HasSubstr("a_total{customer_id=\"[redacted]\",token=\"t\"} 1\n"),
                    HasSubstr("\nAKIAABCDEFGHIJKLMNOP 1\n")));
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

TEST_F(FunctionMetricsTest, SeriesOfAllNames_AreBounded) {
  size_t taken = 0;
  for (int name = 0; name < 30; ++name) {
    for (size_t i = 0; i < 1'000; ++i)
      taken += send("n" + std::to_string(name) + ":1|c|#i:" + std::to_string(i));
  }
  EXPECT_EQ(taken, FunctionMetrics::kSeriesOfAllMax);  // others would be of new names
  EXPECT_EQ(send("n1:5|c|#i:new"), 1u);
  EXPECT_THAT(page(), HasSubstr("n1_total{overflow=\"true\"} 5\n"));
}

TEST_F(FunctionMetricsTest, BytesOfAll_AreBounded) {
  // Values of all magnitudes: a distribution of them has 70,000 buckets.
  std::string datagram = ":1";
  for (int exponent = -300; exponent < 300; ++exponent)
    datagram += ":1e" + std::to_string(exponent);
  size_t taken = 0;
  size_t sent = 0;
  for (int i = 0; i < 100'000 && taken == sent; ++i, ++sent)
    taken += send("d" + std::to_string(i % 50) + datagram + "|d|#i:" + std::to_string(i));
  EXPECT_LT(sent * 600 * 48, FunctionMetrics::kBytesMax * 2);
  EXPECT_EQ(send("other:1|c"), 0u);
  EXPECT_EQ(send("d0:1e9:1e99|d|#i:0"), 1u);  // needs no more
  EXPECT_EQ(send("d0:1.5e9|d|#i:0"), 0u);
}

TEST_F(FunctionMetricsTest, SumsBeyondADouble_AreRefused) {
  EXPECT_EQ(send("g:1e308|d\ng:1e308|d\nh:1e308|d|@0.01\nc:1e308|c|@0.01"), 2u);
  EXPECT_THAT(page(), HasSubstr("g_sum 1"));
  EXPECT_THAT(page(), Not(HasSubstr("nf")));
}

}  // namespace
}  // namespace weft::telemetry

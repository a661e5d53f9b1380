#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "exports/dogstatsd.h"
#include "exports/otlp_metrics.h"
#include "json/parse.h"

namespace weft::exports {
namespace {

using metrics::Labels;
using metrics::Registry;

const std::vector<metrics::Description> kKnown = {{"runs", "Runs.", false},
                                                  {"took", "Time it took.", true}};

std::vector<std::string> datagrams(const Registry& now, const Registry& before) {
  std::vector<std::string> out;
  write_dogstatsd(now, before, kKnown, [&](std::string_view each) { out.emplace_back(each); });
  return out;
}

TEST(DogStatsD, SaysWhatCameSinceTheLastPush) {
  const Labels labels = {{"is_distributed_map_child", "true"}, {"stepname", "a,b|c"}};
  Registry before;
  before.counter("runs", labels) = 3;
  before.distribution("took", labels).add(1'000, 2);
  Registry now = before;
  now.counter("runs", labels) += 4;
  now.distribution("took", labels).add(1'000, 8);
  now.distribution("took", labels).add(0);
  now.add_to_gauge("open", {}, 2.5);
  const auto sent = datagrams(now, before);
  ASSERT_EQ(sent.size(), 1u);
  const std::string tags = "|#is_distributed_map_child:true,stepname:a_b_c";
  EXPECT_EQ(sent[0], "runs:4|c" + tags + "\ntook:0|d" + tags + "\ntook:1000000|d|@0.125" + tags +
                         "\nopen:2.5|g");
  EXPECT_EQ(datagrams(now, now).at(0), "open:2.5|g");
}

// Where the integration's page differs, both spellings are sent.
TEST(DogStatsD, SpellsLikeTheIntegrationsPageToo) {
  const std::string prefix = "aws.states.enhanced.";
  Registry now;
  const struct {
    const char* counter;
    const char* page;
  } counters[] = {
      {"task.execution.tasks_started", "task.execution.task_started"},
      {"task.execution.tasks_succeeded", "task.execution.task_succeeded"},
      {"task.execution.tasks_failed", "task.execution.task_failed"},
      {"task.execution.tasks_timed_out", ""},  // spelled the same on both
      {"execution.started", ""},
  };
  for (const auto& each : counters) now.counter(prefix + each.counter, {}) = 2;
  const char* const times[] = {"execution.execution_time", "task.execution.task_duration"};
  for (const char* time : times) {
    for (int i = 1; i <= 100; ++i) now.distribution(prefix + time, {}).add(i * 1'000.0);
  }
  now.distribution(prefix + "state.duration", {}).add(5);
  std::string all = "\n";
  for (const std::string& each : datagrams(now, {})) all += each + "\n";
  for (const auto& each : counters) {
    EXPECT_NE(all.find("\n" + prefix + each.counter + ":2|c\n"), std::string::npos);
    if (*each.page == '\0') continue;
    EXPECT_NE(all.find("\n" + prefix + each.page + ":2|c\n"), std::string::npos) << each.page;
  }
  const std::pair<const char*, double> gauges[] = {
      {".minimum", 1'000}, {".p95", 95'000}, {".p99", 99'000}, {".maximum", 100'000}};
  for (const char* time : times) {
    for (const auto& [suffix, value] : gauges) {
      const std::string name = "\n" + prefix + time + suffix + ":";
      const size_t at = all.find(name);
      ASSERT_NE(at, std::string::npos) << name;
      EXPECT_NEAR(std::stod(all.substr(at + name.size())), value, 0.011 * value);
    }
  }
  EXPECT_EQ(all.find("state.duration."), std::string::npos);
}

TEST(DogStatsD, DatagramsHoldWholeLines) {
  Registry now;
  for (int i = 0; i < 500; ++i) now.counter("runs", {{"n", std::to_string(i)}}) = 1;
  size_t lines = 0;
  for (const std::string& each : datagrams(now, {})) {
    EXPECT_LE(each.size(), kDatagramBytesMax);
    EXPECT_TRUE(each.starts_with("runs:1|c|#n:"));
    lines += 1 + static_cast<size_t>(std::ranges::count(each, '\n'));
  }
  EXPECT_EQ(lines, 500u);
}

TEST(OtlpMetrics, HistogramsKeepCountsAndQuantiles) {
  Registry registry;
  registry.counter("runs", {{"status", "failed"}}) = 7;
  registry.add_to_gauge("open", {}, 2);
  metrics::Sketch& took = registry.distribution("took", {});
  took.add(0);
  for (int ms = 1; ms <= 1'000; ++ms) took.add(ms * 1'000.0);

  json::Arena arena;
  const std::string text = otlp_metrics(registry, kKnown, 1, 2);
  const auto request = json::parse(text, arena);
  ASSERT_TRUE(request) << request.error().message << text;
  const json::Value list =
      request->find("resourceMetrics").item(0).find("scopeMetrics").item(0).find("metrics");
  ASSERT_EQ(list.size(), 3u);
  const json::Value sum = list.item(0).find("sum");
  EXPECT_EQ(list.item(0).find("name").as_string(), "runs");
  EXPECT_TRUE(sum.find("isMonotonic").as_bool());
  EXPECT_EQ(sum.find("aggregationTemporality").as_int(), 2);
  EXPECT_EQ(sum.find("dataPoints").item(0).find("asInt").as_string(), "7");
  EXPECT_EQ(sum.find("dataPoints").item(0).find("timeUnixNano").as_string(), "2");

  EXPECT_EQ(list.item(1).find("unit").as_string(), "s");
  const json::Value point = list.item(1).find("exponentialHistogram").find("dataPoints").item(0);
  EXPECT_EQ(point.find("count").as_string(), "1001");
  EXPECT_EQ(point.find("zeroCount").as_string(), "1");
  EXPECT_EQ(point.find("max").as_double(), 1);
  EXPECT_NEAR(point.find("sum").as_double(), 500.5, 1e-6);
  const json::Value counts = point.find("positive").find("bucketCounts");
  const double offset = static_cast<double>(point.find("positive").find("offset").as_int());
  const double base = std::pow(2, 1 / 64.0);
  int64_t seen = 1;
  double median = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    seen += std::stoll(std::string(counts.item(i).as_string()));
    if (median == 0 && seen > 500) median = std::pow(base, offset + static_cast<double>(i) + 0.5);
  }
  EXPECT_EQ(seen, 1001);
  EXPECT_NEAR(median, 0.5, 0.5 * 0.016);
  EXPECT_EQ(list.item(2).find("gauge").find("dataPoints").item(0).find("asDouble").as_int(), 2);
}

}  // namespace
}  // namespace weft::exports

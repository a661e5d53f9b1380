#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "trace/export_chrome.h"
#include "trace/export_jaeger.h"
#include "trace/export_ndjson.h"
#include "trace/export_otlp.h"
#include "trace/otlp_batch.h"
#include "trace/test_histories.h"

namespace weft::trace {
namespace {

std::string otlp_of(const TraceSource& source, const SpanStreamOptions& options = {}) {
  std::string out;
  auto done = export_otlp(source, options, [&out](std::string_view piece) { out += piece; });
  EXPECT_TRUE(done);
  return out;
}

TEST(ExportOtlp, EachLine_IsARequestOfTheCollectorsForm) {
  std::istringstream lines(otlp_of(testing::fan_out(600)));
  std::set<std::string> ids;
  size_t requests = 0;
  for (std::string line; std::getline(lines, line); ++requests) {
    json::Arena arena;
    auto request = json::parse(line, arena);
    ASSERT_TRUE(request) << request.error().message;
    const json::Value& resource = request->find("resourceSpans").item(0);
    EXPECT_EQ(resource.find("resource").find("attributes").item(0).find("key").as_string(),
              "service.name");
    json::Value spans = resource.find("scopeSpans").item(0).find("spans");
    for (size_t i = 0; i < spans.size(); ++i) {
      const json::Value& span = spans.item(i);
      EXPECT_EQ(span.find("traceId").as_string(),
                trace_of_root(testing::fan_out(1).parent.arn).hex());
      EXPECT_EQ(span.find("spanId").as_string().size(), 16u);
      std::string_view parent = span.find("parentSpanId").as_string();
      EXPECT_TRUE(ids.empty() ? parent.empty() : ids.contains(std::string(parent)));
      EXPECT_TRUE(ids.emplace(span.find("spanId").as_string()).second);
      EXPECT_TRUE(span.find("startTimeUnixNano").is_string());
      EXPECT_TRUE(span.find("endTimeUnixNano").is_string());
      EXPECT_TRUE(span.find("kind").is_integral());
      EXPECT_TRUE(span.find("status").find("code").is_integral());
      EXPECT_TRUE(span.find("attributes").item(0).find("value").find("stringValue").is_string());
    }
  }
  EXPECT_GT(requests, 1u);
  EXPECT_GT(ids.size(), 600u * 4);
}

TEST(ExportOtlp, ChildAlone_KeepsItsRootsTraceId) {
  TraceSource all = testing::fan_out(3);
  TraceSource source;
  source.parent = *all.child(all.map_runs[0], 1);
  source.context.trace = trace_of_root(all.parent.arn);
  EXPECT_NE(otlp_of(source).find(trace_of_root(all.parent.arn).hex()), std::string::npos);
}

TEST(ExportOtlp, FailedSpan_HasErrorStatusAndMessage) {
  std::string out = otlp_of(testing::mixed());
  EXPECT_NE(out.find(R"("status":{"code":2,"message":"Throttled"})"), std::string::npos);
  EXPECT_NE(out.find(R"({"key":"error.message","value":{"stringValue":"slow down"}})"),
            std::string::npos);
}

// Each execution goes by the name of its own machine, children by that of their parent.
TEST(ExportOtlp, Service_IsTheStateMachine) {
  TraceSource source = testing::nesting();
  std::set<std::pair<std::string, std::string>> seen;
  ASSERT_TRUE(for_each_span(source, {}, [&](const PlacedSpan& placed) {
    seen.emplace(placed.service, to_string(placed.span.kind));
  }));
  EXPECT_TRUE(seen.contains({"process-images", "execution"}));
  EXPECT_TRUE(seen.contains({"process-images", "child"}));
  EXPECT_TRUE(seen.contains({"process-images", "lambda"}));
  EXPECT_TRUE(seen.contains({"mixed", "execution"}));
  EXPECT_TRUE(seen.contains({"mixed", "iteration"}));
  EXPECT_FALSE(seen.contains({"process-images", "iteration"}));

  source.parent = *source.child(source.map_runs[0], 1);
  source.map_runs.clear();
  EXPECT_NE(otlp_of(source).find(R"("service.name","value":{"stringValue":"process-images"})"),
            std::string::npos);
}

TEST(ExportOtlp, Executions_NameTheOneTheyWereStartedByAndTheOutermost) {
  using Lines = std::set<std::pair<std::string, std::string>>;  // parent, root
  const auto lines_of = [](const TraceSource& source) {
    Lines lines;
    EXPECT_TRUE(for_each_span(source, {}, [&](const PlacedSpan& placed) {
      const bool named = !placed.span.attribute("execution_arn").empty();
      EXPECT_EQ(named, !placed.span.attribute("root_execution_arn").empty());
      if (!named) return;
      EXPECT_EQ(placed.span.attribute("account_id"), "000000000000");
      lines.emplace(placed.span.attribute("parent_execution_arn"),
                    placed.span.attribute("root_execution_arn"));
    }));
    return lines;
  };
  TraceSource source = testing::nesting();
  const std::string outer = source.parent.arn;
  EXPECT_EQ(lines_of(source), (Lines{{"", outer}, {outer, outer}}));
  source.lineage = {.parent = "arn:p", .root = "arn:r"};
  EXPECT_EQ(lines_of(source), (Lines{{"arn:p", "arn:r"}, {outer, "arn:r"}}));
}

// Cancelled on purpose is no error: neither in groups, nor, as their status says, in any format.
TEST(ExportOtlp, Aborted_IsNoError) {
  OtlpBatch batch;
  batch.add({.name = "a", .status = history::ExecutionStatus::kAborted, .error = "Stopped"}, "m");
  EXPECT_NE(batch.take().find(R"("status":{"code":0}})"), std::string::npos);
  for (const auto status :
       {history::ExecutionStatus::kFailed, history::ExecutionStatus::kTimedOut}) {
    batch.add({.name = "a", .status = status, .error = "E"}, "m");
    EXPECT_NE(batch.take().find(R"("status":{"code":2,"message":"E"})"), std::string::npos);
  }
}

size_t count(std::string_view text, std::string_view in) {
  size_t found = 0;
  for (size_t at = 0; (at = in.find(text, at)) != std::string::npos; ++at) ++found;
  return found;
}

// 200 children of which two kept their detail.
TraceSource sampled() {
  TraceSource source = testing::fan_out(200);
  source.map_runs[0].detail =
      DetailChoice{.budget = 2,
                   .total = 200,
                   .kept = 2,
                   .children = {{17, "error_group", 1}, {40, "random", 199}}};
  return source;
}

TEST(ExportOtlp, ChildrenThatKeptDetail_SayWhyAndForHowMany) {
  const std::string out = otlp_of(sampled());
  EXPECT_EQ(count(R"("weft.kind","value":{"stringValue":"child"})", out), 2u);
  EXPECT_EQ(count(R"({"key":"weft.sample.reason","value":{"stringValue":"error_group"}})", out),
            1u);
  EXPECT_EQ(count(R"({"key":"weft.sample.weight","value":{"doubleValue":199}})", out), 1u);
  // 2^56 * (1 - 1/199), on each span of the child that stands for others.
  EXPECT_EQ(count(R"("traceState":"ot=th:feb6ac61c4d2fa")", out), 5u);
  EXPECT_EQ(count(R"("traceState")", out), 5u);
}

// Whoever reads the file elsewhere must not take two children for all.
TEST(Export, SampledRun_SaysSoOnTheMapRunInEveryForm) {
  const std::string note = "detail kept for 2 of 200 children";
  const auto written = [](auto write) {
    std::string out;
    EXPECT_TRUE(
        write(sampled(), SpanStreamOptions{}, [&](std::string_view piece) { out += piece; }));
    return out;
  };
  EXPECT_EQ(count(note, otlp_of(sampled())), 1u);
  EXPECT_EQ(count(note, written(export_chrome)), 1u);
  EXPECT_EQ(count(note, written(export_jaeger)), 1u);
  EXPECT_EQ(count(note, written(export_ndjson)), 1u);
  EXPECT_EQ(count(R"({"key":"weft.sample.of","value":{"doubleValue":200}})", otlp_of(sampled())),
            1u);
  EXPECT_EQ(count("weft.sample.note", otlp_of(testing::fan_out(20))), 0u);
}

TEST(Export, ChangeOfALimit_IsAMarkOnTheMapRunInEveryForm) {
  TraceSource source = testing::fan_out(20);
  source.map_runs[0].marks = {
      {.time_ns = testing::kStart * 1'000'000 + 100'000'000,
       .name = "weft.limit_changed",
       .attributes = {{"limit", "concurrency"}, {"from", "4"}, {"to", "9"}}}};
  const auto written = [&](auto write) {
    std::string out;
    EXPECT_TRUE(write(source, SpanStreamOptions{}, [&](std::string_view piece) { out += piece; }));
    return out;
  };
  for (const std::string& out :
       {otlp_of(source), written(export_chrome), written(export_jaeger), written(export_ndjson)}) {
    EXPECT_EQ(count("weft.limit_changed", out), 1u) << out.substr(0, 2'000);
    EXPECT_EQ(count("concurrency", out), 1u);
  }
  json::Arena arena;
  const auto chrome = json::parse(written(export_chrome), arena);
  ASSERT_TRUE(chrome) << chrome.error().message;
}

TEST(ExportOtlp, SampledRun_CountsAllInItsGroups) {
  const std::string out = otlp_of(sampled());
  EXPECT_EQ(count(R"("name":"weft.group")", out), 2u);
  EXPECT_EQ(count(R"({"key":"weft.group.errors","value":{"doubleValue":0}})", out), 1u);
  EXPECT_EQ(count(R"("weft.group.p99_us")", out), 2u);
}

TEST(ExportOtlp, EveryChild_ComesAtLeastAsASummary) {
  TraceSource source = sampled();
  size_t fetched = 0;
  source.child = [&, child = source.child](const MapRunTrace& run, uint64_t index) {
    ++fetched;
    return child(run, index);
  };
  const std::string out = otlp_of(source, {.every_child = true});
  EXPECT_EQ(fetched, 2u);
  EXPECT_EQ(count(R"("weft.kind","value":{"stringValue":"child"})", out), 200u);
  EXPECT_EQ(count(R"({"key":"weft.detail","value":{"stringValue":"summary"}})", out), 198u);
  EXPECT_EQ(count("weft.group", out), 0u);
}

// A function's span with two events and two links, one of them to a span of its own execution.
TraceSource noted() {
  TraceSource source = testing::mixed();
  InnerSpan& work = source.parent.inner.emplace_back();
  work.span_id = 0x60;
  work.name = "work";
  work.start_ns = testing::kStart * 1'000'000;
  work.events = {{.time_ns = work.start_ns + 5'000, .name = "hit", .attributes = {{"key", "7"}}},
                 {.time_ns = work.start_ns + 6'001, .name = "miss"}};
  work.links = {{.trace = {7, 8}, .span_id = 0x61},
                {.trace = {9, 10}, .span_id = 0x99, .attributes = {{"why", "batch"}}}};
  InnerSpan other;
  other.span_id = 0x61;
  other.start_ns = work.start_ns;
  source.parent.inner.push_back(std::move(other));  // `work` is not valid from here on
  return source;
}

TEST(ExportOtlp, EventsAndLinks_AreThere) {
  const TraceSource source = noted();
  const std::string out = otlp_of(source);
  const std::string start = std::to_string(testing::kStart);
  EXPECT_EQ(count(R"("events":[{"timeUnixNano":")" + start +
                      R"(005000","name":"hit","attributes":[{"key":"key","value":)"
                      R"({"stringValue":"7"}}]},{"timeUnixNano":")" +
                      start + R"(006001","name":"miss","attributes":[]}])",
                  out),
            1u);
  EXPECT_EQ(
      count(R"("links":[{"traceId":")" + trace_of_root(source.parent.arn).hex() +
                R"(","spanId":"0000000000000061","attributes":[]},)"
                R"({"traceId":"0000000000000009000000000000000a","spanId":"0000000000000099",)"
                R"("attributes":[{"key":"why","value":{"stringValue":"batch"}}]}])",
            out),
      1u)
      << "what it calls its trace goes by the execution's";
  json::Arena arena;
  EXPECT_TRUE(json::parse(out, arena));
}

TEST(ExportChrome, Events_AreMomentsOfTheirTrack) {
  std::string out;
  ASSERT_TRUE(export_chrome(noted(), {}, [&out](std::string_view piece) { out += piece; }));
  json::Arena arena;
  const auto trace = json::parse(out, arena);
  ASSERT_TRUE(trace) << trace.error().message;
  std::vector<std::string> moments;
  const json::Value events = trace->find("traceEvents");
  for (size_t i = 0; i < events.size(); ++i) {
    const json::Value event = events.item(i);
    if (event.find("ph").as_string() == "n")
      moments.push_back(std::string(event.find("name").as_string()) + " " +
                        json::to_text(event.find("args")));
  }
  EXPECT_EQ(moments, (std::vector<std::string>{R"(hit {"key":"7"})", "miss {}"}));
}

// 283 children on 8 lanes, each with a span of its function as long as itself.
TEST(ExportChrome, WhatFunctionsSent_FillsAsManyRowsAsRanAtOnce) {
  TraceSource source = testing::fan_out(283, 8);
  source.child = [child = source.child](const MapRunTrace& run, uint64_t index) {
    auto read = child(run, index);
    InnerSpan& work = read->inner.emplace_back();
    work.span_id = 0x1000 + index;
    work.name = "work";
    work.start_ns = read->start_ms * 1'000'000;
    work.duration_ns = run.rows.at(index).duration_us * 1'000;
    return read;
  };
  std::string out;
  ASSERT_TRUE(export_chrome(source, {}, [&out](std::string_view piece) { out += piece; }));
  json::Arena arena;
  const auto trace = json::parse(out, arena);
  ASSERT_TRUE(trace) << trace.error().message;
  std::set<std::string> rows;
  size_t calls = 0;
  const json::Value events = trace->find("traceEvents");
  for (size_t i = 0; i < events.size(); ++i) {
    if (events.item(i).find("ph").as_string() != "b") continue;
    ++calls;
    rows.insert(std::string(events.item(i).find("id2").find("local").as_string()));
  }
  EXPECT_EQ(calls, 283u);
  EXPECT_GE(rows.size(), 8u);
  EXPECT_LE(rows.size(),
            10u);  // starts are whole milliseconds: a child may seem to overlap the next
}

TEST(ExportOtlp, ChildThatCannotBeRead_IsAnError) {
  TraceSource source = testing::fan_out(3);
  source.child = [](const MapRunTrace&, uint64_t) -> base::Result<ExecutionTrace> {
    return base::fail(base::ErrorCode::kStorage, "gone");
  };
  auto done = export_otlp(source, {}, [](std::string_view) {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "gone");
}

TEST(ExportChrome, LanesAreThreads_AndSlicesOfOneNest) {
  for (const TraceSource& source : {testing::fan_out(200), testing::mixed()}) {
    std::string out;
    ASSERT_TRUE(export_chrome(source, {}, [&out](std::string_view piece) { out += piece; }));
    json::Arena arena;
    auto trace = json::parse(out, arena);
    ASSERT_TRUE(trace) << trace.error().message;
    json::Value events = trace->find("traceEvents");
    std::map<std::pair<int64_t, int64_t>, std::vector<std::pair<int64_t, int64_t>>> threads;
    for (size_t i = 0; i < events.size(); ++i) {
      const json::Value& event = events.item(i);
      if (event.find("ph").as_string() != "X") continue;
      int64_t start = event.find("ts").as_int();
      threads[{event.find("pid").as_int(), event.find("tid").as_int()}].emplace_back(
          start, start + event.find("dur").as_int());
    }
    for (auto& [thread, slices] : threads) {
      std::ranges::sort(slices, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : a.second > b.second;
      });
      std::vector<int64_t> open;
      for (const auto& [start, end] : slices) {
        while (!open.empty() && open.back() <= start) open.pop_back();
        EXPECT_TRUE(open.empty() || end <= open.back()) << thread.first << "/" << thread.second;
        open.push_back(end);
      }
    }
    EXPECT_EQ(threads.size(), source.map_runs.empty() ? 3u : 17u);
  }
}

}  // namespace
}  // namespace weft::trace

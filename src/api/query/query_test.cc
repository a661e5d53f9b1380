#include <chrono>
#include <cstdio>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "api/query/gzip.h"
#include "api/query/query_fixture.h"
#include "columns/synthetic.h"
#include "history/codec.h"
#include "json/parse.h"
#include "maprun/slice.h"

// The query API over a store in memory that holds one Map Run.

namespace weft::api {
namespace {

using store::Family;
using testing::HasSubstr;

std::string unzip(const std::string& bytes) {
  std::string out(10'000'000, '\0');
  z_stream stream{};
  inflateInit2(&stream, MAX_WBITS + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST_F(QueryApiTest, Summary_OfAFinishedRunIsExactAndFinal) {
  put_ten();
  put_run(records::MapRunStatus::kSucceeded);
  const net::Response response = get("maprun/summary", "");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr(R"({"v":10,"final":true,"mapRunArn":")" + run_.arn));
  EXPECT_THAT(response.body,
              HasSubstr(R"("n":10,"failed":1,"aborted":0,"retries":0,"coldStarts":2,"lanes":10,)"
                        R"("p50":500000,"p95":1000000,"p99":1000000,"max":1000000)"));
  EXPECT_THAT(response.body, HasSubstr(R"("split":{"children":10,"queue":0,"cold":100000,)"
                                       R"("run":400000,"retryWait":0,"other":5000000})"));
  EXPECT_EQ(response.headers.get("Cache-Control"), "private, max-age=31536000, immutable");
}

TEST_F(QueryApiTest, Summary_OfARunningRunGrowsAndEstimatesItsEnd) {
  put_ten();
  host_->live = running::MapRunProgress{.number = 1, .arn = run_.arn};
  host_->live->executions = {.pending = 5, .running = 2, .succeeded = 9, .failed = 1, .total = 17};
  host_->running = {{.key = {1, 12}, .start_ms = kStart + 900},
                    {.key = {1, 11}, .start_ms = kStart + 800}};
  const std::string first = get("maprun/summary", "").body;
  EXPECT_THAT(first, HasSubstr(R"({"v":10,"final":false)"));
  EXPECT_THAT(first, HasSubstr(R"("executionCounts":{"pending":5,"running":2,"succeeded":9)"));
  EXPECT_THAT(first, HasSubstr(R"("oldestRunning":{"idx":11,"start":800000})"));
  EXPECT_THAT(first, HasSubstr(R"("reading":false)"));
  put_rows(10, {{.index = 10, .start_ms = kStart, .duration_us = 5'000'000}});
  const std::string second = get("maprun/summary", "").body;
  EXPECT_THAT(second, HasSubstr(R"({"v":11,"final":false)"));
  EXPECT_THAT(second, HasSubstr(R"("max":5000000)"));
}

TEST_F(QueryApiTest, ChildrenAtWork_AreInTheStripAndInLanesThatNoRowHas) {
  put_ten();
  host_->live = running::MapRunProgress{.number = 1, .arn = run_.arn};
  host_->running = {{.key = {1, 12}, .start_ms = kStart + 900},
                    {.key = {1, 11}, .start_ms = kStart + 400},
                    {.key = {1, 13}, .start_ms = kStart + 1'500}};
  // A row ends each 100 ms from 100 ms on, and each has a lane of its own.
  const std::string strip = get("maprun/strip", "&w=4&t0=0&t1=2000000").body;
  EXPECT_THAT(strip, HasSubstr(R"("starts":[11,1,0,1])")) << strip;
  EXPECT_THAT(strip, HasSubstr(R"(,2,3],"starts")")) << strip;
  const std::string lanes = get("maprun/lanes", "").body;
  EXPECT_THAT(
      lanes,
      HasSubstr(R"("running":{"idx":[11,12,13],"s":[400000,900000,1500000],"lane":[0,1,2]})"))
      << lanes;
  // A filter is about rows.
  EXPECT_THAT(get("maprun/lanes", "&f=status:succeeded").body, Not(HasSubstr("running")));
  EXPECT_THAT(get("maprun/strip", "&w=4&t0=0&t1=2000000&f=status:succeeded").body,
              HasSubstr(R"(,0,0],"starts")"));
}

TEST_F(QueryApiTest, ChildThatIsRedriven_IsAtWorkSinceThen) {
  put_ten();
  host_->live = running::MapRunProgress{.number = 1, .arn = run_.arn};
  host_->running = {{.key = {1, 11},
                     .start_ms = kStart + 400,
                     .redrive_count = 1,
                     .redrive_ms = kStart + 61'000}};
  EXPECT_THAT(get("maprun/lanes", "").body,
              HasSubstr(R"("running":{"idx":[11],"s":[61000000],"lane":[0]})"));
  EXPECT_THAT(get("maprun/strip", "&w=2&t0=10000000&t1=60000000").body,
              HasSubstr(R"("conc":[0,0])"));
  EXPECT_THAT(get("maprun/summary", "").body,
              HasSubstr(R"("oldestRunning":{"idx":11,"start":61000000})"));
}

TEST_F(QueryApiTest, Summary_CountsAbortedChildrenApart) {
  put_rows(5, {{.index = 0, .start_ms = kStart, .status = history::ExecutionStatus::kAborted},
               {.index = 1, .start_ms = kStart, .status = history::ExecutionStatus::kFailed},
               {.index = 2, .start_ms = kStart}});
  EXPECT_THAT(get("maprun/summary", "").body, HasSubstr(R"("n":3,"failed":1,"aborted":1,)"));
}

TEST_F(QueryApiTest, Errors_NameTheStateErrorAndCauseOfAnExample) {
  put_ten();
  EXPECT_THAT(get("maprun/errors", "").body,
              HasSubstr(R"("groups":[{"id":77,"state":"Add the mark","error":"TypeError",)"
                        R"("cause":"no \"size\"","n":1,"first":1000000,"last":1000000,"spark":[)"));
  EXPECT_THAT(get("maprun/errors", "&f=status:succeeded").body,
              HasSubstr(R"("groups":[],"other":0)"));
}

TEST_F(QueryApiTest, Children_ComeInPagesOfAnyOrder) {
  put_ten();
  const std::string first = get("maprun/children", "&limit=4&f=dur:%3E300ms").body;
  EXPECT_THAT(first, HasSubstr(R"("total":7,"rows":[{"idx":9,)"));
  EXPECT_THAT(first, HasSubstr(R"("next":"700000.6"})"));
  const std::string second = get("maprun/children", "&limit=4&f=dur:%3E300ms&after=700000.6").body;
  EXPECT_THAT(second, HasSubstr(R"("rows":[{"idx":5,)"));
  EXPECT_THAT(second, HasSubstr(R"("arn":"arn:aws:states:us-east-1:000000000000:execution:m/L:)" +
                                query_->child_names().name({1, 5})));
  EXPECT_THAT(second, testing::Not(HasSubstr("next")));
}

TEST_F(QueryApiTest, Detail_SaysWhatWasKeptAndWhy) {
  put_ten();
  run_.detail_budget = 100;
  put_run(records::MapRunStatus::kSucceeded);
  EXPECT_THAT(
      get("maprun/summary", "").body,
      HasSubstr(R"("detail":{"budget":100,"total":10,"kept":10,"lateSpans":0,"reasons":{}})"));
  EXPECT_THAT(get("maprun/children", "&limit=1").body, HasSubstr(R"("kept":"all"})"));
  const trace::DetailChoice choice{.budget = 2,
                                   .total = 10,
                                   .kept = 2,
                                   .late_spans = 7,
                                   .children = {{8, "slow", 9}, {9, "error_group", 1}}};
  put(Family::kDetail, records::detail_facts_key(1), records::encode_detail_facts(choice));
  put(Family::kDetail, records::detail_children_key(1), records::encode_detail_children(choice));
  const net::Response summary = get("maprun/summary", "");
  EXPECT_THAT(summary.body, HasSubstr(R"("detail":{"budget":2,"total":10,"kept":2,"lateSpans":7,)"
                                      R"("reasons":{"error_group":1,"slow":1}})"));
  EXPECT_EQ(summary.headers.get("Cache-Control"), "no-cache");
  const std::string children = get("maprun/children", "&limit=3").body;
  EXPECT_THAT(children, HasSubstr(R"("kept":"error_group"})"));
  EXPECT_THAT(children, HasSubstr(R"("kept":"slow"})"));
  EXPECT_THAT(children, HasSubstr(R"("kept":null})"));
}

TEST_F(QueryApiTest, Tail_SplitsTheTimeOfTheSlowest) {
  put_ten();
  EXPECT_THAT(get("maprun/tail", "&n=2").body,
              HasSubstr(R"("idx":[9,8],"s":[0,0],"d":[1000000,900000],"st":[2,1],"err":[77,0],)"
                        R"("wait":[0,0],"cold":[50000,50000],"retryWait":[0,0],)"
                        R"("lambda":[40000,40000],"other":[910000,810000])"));
}

TEST_F(QueryApiTest, Strip_AndHeatmapCountEveryChild) {
  put_ten();
  put_run(records::MapRunStatus::kSucceeded);
  EXPECT_THAT(get("maprun/strip", "&t0=0&t1=1000001&w=2").body,
              HasSubstr(R"("starts":[10,0],"ends":[5,5],"err":[0,1],)"
                        R"("p50":[300000,800000],"p95":[500000,1000000],)"));
  EXPECT_THAT(get("maprun/heatmap", "&t0=0&t1=1000001&w=2&h=1").body,
              HasSubstr(R"("lo":100000,"hi":1000000,"d":[0,1],"c":[5,5],"e":[0,1],"x":[4,9])"));
}

TEST_F(QueryApiTest, Differs_KnowsTheKeysOfItems) {
  std::vector<history::ChildRow> rows;
  maprun::Slice slice;
  for (uint64_t i = 0; i < 100; ++i) {
    const bool slow = i % 10 == 0;
    rows.push_back({.index = i,
                    .start_ms = kStart,
                    .duration_us = slow ? 900'000 : 100'000,
                    .lane = static_cast<uint32_t>(i)});
    slice.children.push_back({base::Text(std::string(
        slow ? R"({"Items":[{"Key": "raw/1.png"}]})" : R"({"Items":[{"Key":"small/2.png"}]})"))});
  }
  put_rows(1, rows);
  put(Family::kSlice, records::slice_key(1, 0), maprun::encode_slice(slice));
  EXPECT_THAT(get("maprun/differs", "&sel=dur:%3E500ms").body,
              HasSubstr(R"("sel":10,"base":90,"attrs":[{"attr":"key prefix","value":"raw/",)"
                        R"("filter":"key:raw/","n":10,"others":0,"selShare":1,"baseShare":0,)"));
  EXPECT_THAT(get("maprun/summary", "&f=key:raw/").body, HasSubstr(R"("n":10,)"));
  EXPECT_THAT(get("maprun/differs", "").body,
              HasSubstr(R"("slow":{"filter":"status:succeeded dur:>300000us","count":10,)"));
}

TEST_F(QueryApiTest, Mistakes_AreNamed) {
  EXPECT_THAT(
      get("maprun/summary", "&f=dur:x").body,
      HasSubstr(
          R"({"error":{"code":"ValidationException","message":"filter \"dur:x\", column 5: expected)"));
  EXPECT_THAT(get("maprun/heatmap", "&w=0").body, HasSubstr("w=0: expected a whole number from 1"));
  EXPECT_THAT(get("maprun/strip", "&t0=5&t1=5").body, HasSubstr("t1=5: expected more than t0=5"));
  EXPECT_THAT(get("maprun/children", "&sort=x").body, HasSubstr("sort"));
  EXPECT_THAT(get("maprun/children", "&after=x").body, HasSubstr("after=x"));
  const std::string other =
      "arn:aws:states:us-east-1:000000000000:mapRun:m/L:" + query_->child_names().map_run_uuid(2);
  EXPECT_EQ(
      api_->answer({.method = "GET", .path = "/_weft/v1/maprun/summary", .query = "arn=" + other})
          .status,
      404);
  EXPECT_EQ(api_->answer({.method = "POST", .path = "/_weft/v1/maprun/summary"}).status, 405);
  EXPECT_EQ(api_->answer({.method = "GET", .path = "/_weft/v1/maprun/strip"}).status, 400);
}

TEST_F(QueryApiTest, Answers_AreCompressedAndNamedByTheirContent) {
  put_ten();
  const net::Response plain = get("maprun/strip", "&t0=0&t1=1000001");
  const net::Response zipped =
      get("maprun/strip", "&t0=0&t1=1000001", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(zipped.headers.get("Content-Encoding"), "gzip");
  EXPECT_LT(zipped.body.size(), plain.body.size() / 4);
  EXPECT_EQ(unzip(zipped.body), plain.body);
  const std::string tag(plain.headers.get("ETag"));
  const net::Response again = get("maprun/strip", "&t0=0&t1=1000001", {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

TEST_F(QueryApiTest, FirstView_OfManyChildrenIsSmall) {
  const columns::Columns columns = columns::synthetic_columns(100'000, 1);
  std::vector<history::ChildRow> rows;
  for (uint32_t row = 0; row < columns.size(); ++row) {
    rows.push_back({.index = row,
                    .start_ms = kStart + columns.start[row] / 1'000,
                    .duration_us = columns.duration[row],
                    .lane = columns.lane[row],
                    .status = columns.status[row],
                    .error_group = columns.error_group[row]});
    if (rows.size() == 500) {
      put_rows(row, rows);
      rows.clear();
    }
  }
  put_run(records::MapRunStatus::kSucceeded);
  size_t bytes = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (const char* page : {"summary", "heatmap", "strip", "errors"}) {
    const net::Response response =
        get(std::string("maprun/") + page, "", {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(response.status, 200) << page;
    bytes += response.body.size();
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  std::printf("first view of 100,000 children: %zu bytes, %.0f ms\n", bytes, took.count());
  EXPECT_LT(bytes, 300'000u);
}

}  // namespace
}  // namespace weft::api

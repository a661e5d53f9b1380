#include "cli/summary.h"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history/codec.h"

namespace weft::cli {
namespace {

using history::ChildRow;
using history::Event;
using history::EventType;
using history::ExecutionStatus;
using store::Family;
using testing::HasSubstr;

// One execution whose Map Run had 100 children: number 40 failed, each third one waited for a
// process to start.
class SummaryTest : public testing::Test {
 protected:
  void put(Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  void put_turn(history::ExecutionKey key, uint32_t number, Event event) {
    std::string bytes;
    history::encode_turn({{std::move(event)}}, bytes);
    put(Family::kTurn, records::turn_key(key, number), bytes);
  }
  void SetUp() override {
    const arn::ChildNames names(0);
    const records::ExecutionRecord execution{.key = {0, 1},
                                             .name = "e",
                                             .arn = arn::execution_arn({}, "m", "e"),
                                             .machine_name = "m",
                                             .machine_arn = arn::machine_arn({}, "m"),
                                             .status = ExecutionStatus::kSucceeded,
                                             .start_ms = 1000,
                                             .stop_ms = 11'000};
    put(Family::kExecution, records::execution_key(execution.key), encode(execution));
    put(Family::kName, records::name_key("m", "e"), records::execution_key(execution.key));
    put_turn(execution.key, 0, {.type = EventType::kExecutionStarted, .id = 1, .time_ms = 1000});
    Event done{.type = EventType::kExecutionSucceeded, .id = 2, .time_ms = 11'000};
    done.text = base::Text(R"({"n":100})");
    put_turn(execution.key, 1, done);
    const records::MapRunRecord run{.number = 1,
                                    .arn = arn::map_run_arn({}, "m", "L", names.map_run_uuid(1)),
                                    .parent = {0, 1},
                                    .state_name = "Each picture",
                                    .label = "L",
                                    .machine_name = "m",
                                    .status = records::MapRunStatus::kSucceeded,
                                    .start_ms = 1000,
                                    .stop_ms = 11'000,
                                    .items = {.succeeded = 99, .failed = 1, .total = 100},
                                    .executions = {.succeeded = 99, .failed = 1, .total = 100}};
    put(Family::kMapRun, records::map_run_key(1), encode(run));
    put(Family::kExecutionMapRun, records::execution_map_run_key({0, 1}, 1), "");
    std::string rows;
    for (uint64_t i = 0; i < 100; ++i) {
      ChildRow row{.index = i,
                   .start_ms = 1000 + static_cast<int64_t>(i) * 99,
                   .duration_us = static_cast<int64_t>(i + 1) * 1000};
      if (i % 3 == 0) row.cold_start_us = 2000;
      if (i == 40) {
        row.status = ExecutionStatus::kFailed;
        row.error_group = 77;
      }
      history::encode_row(row, rows);
    }
    put(Family::kRow, records::row_key(1, 0), rows);
    Event failed{.type = EventType::kExecutionFailed, .id = 2, .time_ms = 5000};
    failed.error = "PictureError";
    failed.cause = "no picture\nnamed 40";
    put_turn({1, 40}, 0, failed);
    query_ = std::make_unique<reading::Query>(*store_, arn::Home{});
  }

  std::unique_ptr<store::Store> store_ = store::open_memory();
  std::unique_ptr<reading::Query> query_;
};

TEST_F(SummaryTest, Numbers_ComeFromAllRows) {
  const auto summary = reading::summarize(*query_, arn::execution_arn({}, "m", "e"));
  ASSERT_TRUE(summary);
  ASSERT_EQ(summary->map_runs.size(), 1u);
  const reading::MapRunSummary& map = summary->map_runs[0];
  EXPECT_EQ(map.children, 100u);
  EXPECT_EQ(map.duration_us, (metrics::Percentiles{50'000, 95'000, 99'000, 100'000}));
  EXPECT_EQ(map.cold_starts, 34u);
  ASSERT_EQ(map.error_groups.size(), 1u);
  EXPECT_EQ(map.error_groups[0].error, "PictureError");
  EXPECT_EQ(map.error_groups[0].example_arn, query_->child_arn(map.run, 40));
  ASSERT_EQ(map.slowest.size(), 5u);
  EXPECT_EQ(map.slowest[0].duration_us, 100'000);
  EXPECT_EQ(map.slowest[4].duration_us, 96'000);
  uint64_t finished = 0;
  for (uint64_t part : map.finished) finished += part;
  EXPECT_EQ(finished, 100u);
}

TEST_F(SummaryTest, Text_HasNoColorAndNoRawLineBreaks) {
  const auto summary = reading::summarize(*query_, arn::execution_arn({}, "m", "e"));
  terminal::Terminal terminal;
  terminal.width = 100;
  const std::string text = summary_text(*summary, terminal, ".weft");
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("SUCCEEDED  e  in 10.00 s\n"));
  EXPECT_THAT(text, HasSubstr("  children   99 succeeded   1 failed\n"));
  EXPECT_THAT(text, HasSubstr("p50 50.0 ms   p95 95.0 ms   p99 99.0 ms   max 100 ms\n"));
  EXPECT_THAT(text, HasSubstr("34 cold starts, 2.0 ms on average"));
  EXPECT_THAT(text, HasSubstr("  errors     1 x PictureError: no picture named 40\n"));
  EXPECT_THAT(text, HasSubstr("weft trace e\n"));
}

TEST_F(SummaryTest, Json_IsWhatTheReferenceSays) {
  const auto summary = reading::summarize(*query_, arn::execution_arn({}, "m", "e"));
  const std::string text = summary_json(*summary, "d");
  EXPECT_THAT(
      text,
      HasSubstr(
          R"({"status":"SUCCEEDED","executionArn":"arn:aws:states:us-east-1:000000000000:execution:m:e",)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"("startDate":"1970-01-01T00:00:01.000Z","stopDate":"1970-01-01T00:00:11.000Z","wallMs":10000,"output":"{\"n\":100}")"));
  EXPECT_THAT(text, HasSubstr(R"("durationMs":{"p50":50,"p95":95,"p99":99,"max":100})"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"("errorGroups":[{"count":1,"error":"PictureError","cause":"no picture\nnamed 40")"));
}

}  // namespace
}  // namespace weft::cli

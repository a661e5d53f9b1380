#include "history/row_of_events.h"

#include <gtest/gtest.h>

namespace weft::history {
namespace {

Event at(EventType type, base::UnixMs time_ms, std::string text = "") {
  Event event{.type = type, .time_ms = time_ms};
  event.text = base::Text(std::move(text));
  return event;
}

Event called(EventType type, base::UnixMs time_ms, int64_t run_us) {
  Event event = at(type, time_ms);
  event.timing = InvocationTiming{.queued_us = 1, .init_us = 20, .run_us = run_us};
  return event;
}

Event failed(base::UnixMs time_ms) {
  Event event = at(EventType::kExecutionFailed, time_ms);
  event.error = "E";
  return event;
}

TEST(RowOfEvents, SumsWhatTheEventsTell) {
  RowOfEvents told;
  told.add(at(EventType::kExecutionStarted, 1'000, "{\"a\":1}"));
  told.add(called(EventType::kTaskFailed, 1'100, 300));
  told.add(at(EventType::kWeftRetryScheduled, 1'100));
  told.add(called(EventType::kTaskSucceeded, 1'200, 400));
  EXPECT_EQ(told.row().status, ExecutionStatus::kRunning);
  told.add(at(EventType::kExecutionSucceeded, 1'250, "[]"));
  const ChildRow row = told.row();
  EXPECT_EQ(row.start_ms, 1'000);
  EXPECT_EQ(row.duration_us, 250'000);
  EXPECT_EQ(row.status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(row.retries, 1u);
  EXPECT_EQ(row.run_us, 700u);
  EXPECT_EQ(row.cold_start_us, 40u);
  EXPECT_EQ(row.queue_us, 2u);
  EXPECT_EQ(row.input_bytes, 7u);
  EXPECT_EQ(row.output_bytes, 2u);
  EXPECT_EQ(row.error_group, 0u);
  EXPECT_NE(row.path, 0u);
}

TEST(RowOfEvents, Redriven_IsOfTheLastRunAlone) {
  RowOfEvents told;
  told.add(at(EventType::kExecutionStarted, 1'000, "1"));
  told.add(called(EventType::kTaskFailed, 1'100, 300));
  told.add(at(EventType::kWeftRetryScheduled, 1'100));
  told.add(failed(1'200));
  EXPECT_NE(told.row().error_group, 0u);
  const uint32_t path = told.row().path;
  told.add(at(EventType::kExecutionRedriven, 9'000));
  told.add(called(EventType::kTaskSucceeded, 9'010, 5));
  told.add(at(EventType::kExecutionSucceeded, 9'020));
  const ChildRow row = told.row();
  EXPECT_EQ(row.start_ms, 9'000);
  EXPECT_EQ(row.duration_us, 20'000);
  EXPECT_EQ(row.retries, 0u);
  EXPECT_EQ(row.run_us, 5u);
  EXPECT_EQ(row.redrives, 1u);
  EXPECT_EQ(row.error_group, 0u);
  EXPECT_EQ(row.input_bytes, 1u);
  EXPECT_EQ(row.path, path) << "the way it took is that of all runs";
}

TEST(RowOfEvents, WhatIsTooMuch_IsClipped) {
  RowOfEvents told;
  for (int i = 0; i < 40; ++i) told.add(at(EventType::kExecutionRedriven, 1));
  told.add(called(EventType::kTaskSucceeded, 1, INT64_MAX));
  told.add(called(EventType::kTaskSucceeded, 1, INT64_MAX));
  told.add(called(EventType::kTaskSucceeded, 1, -5));
  EXPECT_EQ(told.row().run_us, UINT32_MAX);
  EXPECT_EQ(told.row().redrives, kRowRedrivesMax);
}

}  // namespace
}  // namespace weft::history

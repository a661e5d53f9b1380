#include "trace/group.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "trace/test_histories.h"

namespace weft::trace {
namespace {

using history::ChildRow;
using history::ExecutionStatus;

ChildRow row_of(uint64_t index, int64_t start_ms, int64_t duration_ms) {
  ChildRow row;
  row.index = index;
  row.start_ms = start_ms;
  row.duration_us = duration_ms * 1'000;
  return row;
}

TEST(Group, NoRows_IsAnEmptyGroup) {
  ChildGroup group = group_children({}, {});
  EXPECT_EQ(group.count, 0u);
  EXPECT_EQ(group.strip.size(), 60u);
  EXPECT_TRUE(group.slowest.empty());
}

TEST(Group, Strip_AveragesWhatRuns) {
  std::vector<ChildRow> rows = {row_of(0, 1'000, 1'000), row_of(1, 1'000, 500),
                                row_of(2, 1'900, 100)};
  rows[2].status = ExecutionStatus::kFailed;
  ChildGroup group = group_children(rows, {.buckets = 4});
  std::vector<double> running;
  for (const StripBucket& bucket : group.strip) running.push_back(bucket.running);
  ASSERT_EQ(running.size(), 4u);
  EXPECT_NEAR(running[0], 2, 1e-6);
  EXPECT_NEAR(running[1], 2, 1e-6);
  EXPECT_NEAR(running[2], 1, 1e-6);
  EXPECT_NEAR(running[3], 1.4, 1e-6);
  EXPECT_EQ(group.strip[0].started, 2u);
  EXPECT_EQ(group.strip[3].failed, 1u);
}

TEST(Group, TenThousandRows_AddUp) {
  TraceSource source = testing::fan_out(10'000, 64);
  const std::vector<ChildRow>& rows = source.map_runs[0].rows;
  ChildGroup group = group_children(rows, {.buckets = 60, .slowest = 20});
  EXPECT_EQ(group.count, 10'000u);
  EXPECT_EQ(std::accumulate(group.by_status.begin(), group.by_status.end(), uint64_t{0}), 10'000u);
  EXPECT_EQ(group.failed, 34u);
  EXPECT_EQ(group.cold_starts, 64u);
  EXPECT_EQ(group.lanes, 64u);
  uint64_t started = 0;
  uint64_t finished = 0;
  double busy_us = 0;
  double width = static_cast<double>(group.end_us - group.start_us) / 60;
  for (const StripBucket& bucket : group.strip) {
    started += bucket.started;
    finished += bucket.finished;
    busy_us += bucket.running * width;
    EXPECT_LE(bucket.running, 64.5);  // start times are whole milliseconds
  }
  EXPECT_EQ(started, 10'000u);
  EXPECT_EQ(finished, 10'000u);
  EXPECT_NEAR(busy_us, static_cast<double>(group.all.total_us()), 1'000);
  ASSERT_EQ(group.slowest.size(), 20u);
  EXPECT_EQ(group.slowest[0].duration_us, group.duration_us.max);
  EXPECT_TRUE(
      std::ranges::is_sorted(group.slowest, std::ranges::greater{}, &ChildRow::duration_us));
  EXPECT_LE(group.tail.children, 500u);
  EXPECT_GT(group.tail.children, 400u);
  ASSERT_EQ(group.errors.size(), 1u);
  EXPECT_EQ(group.errors[0].count, 34u);
  EXPECT_EQ(group.errors[0].exemplar.index, 17u);
}

TEST(Group, WhatFunctionsLeave_IsRetryWaitOnlyWhereSomethingWasTriedAgain) {
  std::vector<ChildRow> rows = {row_of(0, 0, 1'000), row_of(1, 0, 2'000)};
  for (ChildRow& row : rows) row.run_us = 400'000;
  rows[1].retries = 1;
  const ChildGroup group = group_children(rows, {});
  EXPECT_EQ(group.all.run_us, 800'000);
  EXPECT_EQ(group.all.other_us, 600'000);
  EXPECT_EQ(group.all.retry_us, 1'600'000);
  EXPECT_EQ(group.all.total_us(), 3'000'000);
}

TEST(Group, ErrorGroups_StandByFrequency) {
  std::vector<ChildRow> rows;
  for (uint64_t i = 0; i < 6; ++i) {
    rows.push_back(row_of(i, 1'000, 10));
    rows.back().error_group = i < 2 ? 77 : 88;
  }
  ChildGroup group = group_children(rows, {});
  ASSERT_EQ(group.errors.size(), 2u);
  EXPECT_EQ(group.errors[0].fingerprint, 88u);
  EXPECT_EQ(group.errors[0].count, 4u);
  EXPECT_EQ(group.errors[0].exemplar.index, 2u);
}

}  // namespace
}  // namespace weft::trace

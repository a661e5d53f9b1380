#include "columns/group_by.h"

#include <gtest/gtest.h>

namespace weft::columns {
namespace {

using history::ExecutionStatus;

Columns four() {
  Columns columns;
  columns.append({.index = 0, .duration_us = 10, .cold_start_us = 5});
  columns.append(
      {.index = 1, .duration_us = 30, .status = ExecutionStatus::kFailed, .error_group = 7});
  columns.append({.index = 2, .duration_us = 20, .cold_start_us = 1});
  columns.append(
      {.index = 3, .duration_us = 50, .status = ExecutionStatus::kTimedOut, .error_group = 7});
  return columns;
}

TEST(GroupRows, Cold_CountsAndMeasuresEachPart) {
  const Columns columns = four();
  const std::vector<RowGroup> groups = group_rows(columns, all_rows(columns), GroupBy::kCold);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0], (RowGroup{.value = 0,
                                 .count = 2,
                                 .failed = 2,
                                 .total = 80,
                                 .duration = {.p50 = 30, .p95 = 50, .p99 = 50, .max = 50},
                                 .slowest = 3}));
  EXPECT_EQ(groups[1].count, 2u);
  EXPECT_EQ(groups[1].failed, 0u);
  EXPECT_EQ(value_text(columns, GroupBy::kCold, groups[1].value), "cold start");
}

TEST(GroupRows, Error_LeavesOutWhatDidNotFail) {
  const Columns columns = four();
  const std::vector<RowGroup> groups = group_rows(columns, all_rows(columns), GroupBy::kError);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].value, 7u);
  EXPECT_EQ(groups[0].count, 2u);
}

TEST(GroupRows, RowsWithSeveralValues_CountWithEachOnce) {
  Columns columns = four();
  TextColumn& folder = columns.folder;
  const auto folder_number = [&](const char* text) { return folder.values.number(text); };
  folder.number = {folder_number("a/"), folder_number("a/"), folder_number("b/"),
                   folder_number("b/")};
  folder.further = {folder_number("a/1/"), folder_number("b/")};
  folder.further_end = {2, 2, 2, 2};
  Grouping by(GroupBy::kKey);
  const std::vector<RowGroup> groups = group_rows(columns, all_rows(columns), by);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].count, 2u) << "a/ and a/1/ of one row are one";
  EXPECT_EQ(groups[1].count, 3u);
}

TEST(GroupRows, ChosenRows_OnlyCount) {
  const Columns columns = four();
  EXPECT_EQ(group_rows(columns, Rows{0, 1}, GroupBy::kLane)[0].count, 2u);
  EXPECT_TRUE(group_rows(columns, {}, GroupBy::kLane).empty());
}

TEST(Ordered, ByCountOrValue_TiesStay) {
  const std::vector<RowGroup> groups = {
      {.value = 1, .count = 1}, {.value = 2, .count = 5}, {.value = 3, .count = 1}};
  EXPECT_EQ(ordered(groups, *parse_group_order("count")), (std::vector<size_t>{1, 0, 2}));
  EXPECT_EQ(ordered(groups, *parse_group_order("count:asc")), (std::vector<size_t>{0, 2, 1}));
  EXPECT_EQ(ordered(groups, *parse_group_order("value:desc")), (std::vector<size_t>{2, 1, 0}));
}

TEST(ParseGroupBy, UnknownNames_SayWhatThereIs) {
  EXPECT_EQ(*parse_group_by("minute"), GroupBy::kMinute);
  EXPECT_EQ(parse_group_by("colour").error().message,
            "group by \"colour\": expected status, error, cold, key, key/2 to key/9, lane, "
            "retry, batch, minute, input.PATH, span.ATTRIBUTE or function");
  EXPECT_EQ(parse_group_by("key/3")->depth, 3u);
  EXPECT_EQ(parse_group_by("input.a.b")->property, "input.a.b");
  EXPECT_FALSE(parse_group_order("p42"));
  EXPECT_FALSE(parse_group_order("count:up"));
}

}  // namespace
}  // namespace weft::columns

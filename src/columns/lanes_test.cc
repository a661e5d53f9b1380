#include "columns/lanes.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace weft::columns {
namespace {

using history::ExecutionStatus;

struct Child {
  int64_t start = 0;
  int64_t duration = 0;
  uint32_t lane = 0;
  bool failed = false;
  bool retried = false;
};

Columns columns_of(const std::vector<Child>& children) {
  Columns columns;
  Packed<int64_t> starts;  // rows know milliseconds only
  for (size_t i = 0; i < children.size(); ++i) {
    const Child& child = children[i];
    columns.append({.index = i,
                    .duration_us = child.duration,
                    .lane = child.lane,
                    .status = child.failed ? ExecutionStatus::kFailed : ExecutionStatus::kSucceeded,
                    .retries = static_cast<uint16_t>(child.retried ? 1 : 0)});
    starts.push_back(child.start);
  }
  columns.start = std::move(starts);
  return columns;
}

std::string cells(const std::vector<Child>& children, const LaneWindow& window, uint32_t width,
                  uint32_t height, LaneColor color = LaneColor::kDuration) {
  const Columns columns = columns_of(children);
  return lane_cells(columns, all_rows(columns), window, width, height, color, 100);
}

TEST(Lanes, ACellSaysHowLongItsChildrenTakeComparedWithTypicalOnes) {
  const LaneWindow window{{0, 1'000}, 0, 1};
  EXPECT_EQ(cells({{0, 100, 0}}, window, 10, 1), "1000000000");
  EXPECT_EQ(cells({{0, 150, 0}, {200, 250, 0}, {500, 500, 0}}, window, 10, 1), "2233344444");
  EXPECT_EQ(cells({{0, 600, 0}}, window, 10, 1), "5555550000");
  // Too short to be seen otherwise.
  EXPECT_EQ(cells({{310, 0, 0}}, window, 10, 1), "0001000000");
}

TEST(Lanes, FailuresAreToldByTheirShare) {
  std::vector<Child> children(20, Child{0, 100, 0});
  const LaneWindow window{{0, 100}, 0, 1};
  const auto with_failed = [&](size_t failed) {
    for (size_t i = 0; i < children.size(); ++i) children[i].failed = i < failed;
    return cells(children, window, 1, 1);
  };
  EXPECT_EQ(with_failed(0), "1");
  EXPECT_EQ(with_failed(1), "6");
  EXPECT_EQ(with_failed(5), "7");
  EXPECT_EQ(with_failed(15), "8");
  EXPECT_EQ(with_failed(16), "9");
}

TEST(Lanes, OtherColoursAreShares) {
  const LaneWindow window{{0, 100}, 0, 2};
  EXPECT_EQ(cells({{0, 50, 0}, {0, 100, 1}}, window, 1, 2, LaneColor::kStatus), "35");
  EXPECT_EQ(cells({{0, 50, 0}, {0, 100, 1}}, window, 1, 1, LaneColor::kStatus), "4");
  EXPECT_EQ(cells({{0, 100, 0, false, true}, {0, 100, 1}}, window, 1, 1, LaneColor::kRetry), "3");
}

TEST(Lanes, ALaneThatIsHigherThanARowFillsAllOfIts) {
  EXPECT_EQ(cells({{0, 100, 1}}, {{0, 100}, 0, 2}, 1, 6), "000111");
}

TEST(Lanes, OnlyWhatTouchesTheWindowCounts) {
  const std::vector<Child> children = {{0, 100, 3}, {100, 50, 3}, {149, 100, 3}, {120, 10, 9}};
  const Columns columns = columns_of(children);
  EXPECT_EQ(in_window(columns, all_rows(columns), {{100, 150}, 2, 5}), (Rows{1, 2}));
  EXPECT_EQ(lane_cells(columns, all_rows(columns), {{100, 150}, 2, 5}, 1, 3, LaneColor::kStatus, 1),
            "050");
}

// Against a reference that looks at every child for every cell.
TEST(Lanes, CellsAreWhatLookingAtEachOneByOneGives) {
  std::mt19937 random(7);
  std::vector<Child> children;
  for (int i = 0; i < 400; ++i) {
    children.push_back({static_cast<int64_t>(random() % 10'000),
                        static_cast<int64_t>(1 + random() % 800),
                        static_cast<uint32_t>(random() % 64), random() % 11 == 0});
  }
  const LaneWindow window{{2'048, 2'048 + 4'096}, 8, 40};
  const std::string found = cells(children, window, 64, 16);
  for (uint32_t y = 0; y < 16; ++y) {
    for (uint32_t x = 0; x < 64; ++x) {
      const int64_t from = 2'048 + x * 64;
      double count = 0;
      double failed = 0;
      double sum = 0;
      for (const Child& child : children) {
        const bool inside = child.lane >= 8 + y * 2 && child.lane < 10 + y * 2 &&
                            child.start < from + 64 && child.start + child.duration > from;
        if (!inside) continue;
        ++count;
        failed += child.failed ? 1 : 0;
        sum += static_cast<double>(child.duration);
      }
      const double mean = count > 0 ? sum / count / 100 : 0;
      const double share = count > 0 ? failed / count : 0;
      const char expected = count == 0    ? '0'
                            : failed > 0  ? (share <= 0.05   ? '6'
                                             : share <= 0.25 ? '7'
                                             : share <= 0.75 ? '8'
                                                             : '9')
                            : mean <= 1   ? '1'
                            : mean <= 1.5 ? '2'
                            : mean <= 2.5 ? '3'
                            : mean <= 5   ? '4'
                                          : '5';
      ASSERT_EQ(found[y * 64 + x], expected) << x << ", " << y;
    }
  }
}

}  // namespace
}  // namespace weft::columns

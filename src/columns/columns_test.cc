#include "columns/columns.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "columns/attribute_counts.h"
#include "columns/errors.h"
#include "columns/filter.h"
#include "columns/heatmap.h"
#include "columns/lanes.h"
#include "columns/order.h"
#include "columns/strip.h"
#include "columns/summary.h"
#include "columns/synthetic.h"

// Each query against the plainest way to compute it.

namespace weft::columns {
namespace {

const Columns& run() {
  static const Columns columns = synthetic_columns(20'000, 42);
  return columns;
}

int64_t exact(const auto& column, double quantile) {
  std::vector<int64_t> values(column.begin(), column.end());
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(values.size())));
  return values[std::max<size_t>(rank, 1) - 1];
}

TEST(Columns, Append_KeepsEveryMemberOfARow) {
  Columns c;
  c.origin_us = 1'000'000;
  c.append({.index = 5,
            .start_ms = 1'500,
            .duration_us = 900,
            .lane = 3,
            .status = history::ExecutionStatus::kTimedOut,
            .retries = 2,
            .error_group = 9,
            .cold_start_us = 100,
            .queue_us = 200,
            .run_us = 300,
            .items = 4,
            .input_bytes = 5,
            .output_bytes = 6});
  ASSERT_EQ(c.size(), 1u);
  EXPECT_EQ(c.start[0], 500'000);
  EXPECT_EQ(c.end(0), 500'900);
  EXPECT_EQ(c.other(0), 300);
  EXPECT_TRUE(c.failed(0));
  EXPECT_EQ(extent(c, all_rows(c)), (Range{500'000, 500'901}));
  EXPECT_EQ(extent(c, {}), (Range{0, 1}));
}

TEST(Packed, Values_AreKeptWhileTheyWiden) {
  std::vector<int64_t> values;
  for (int bits = 0; bits < 63; ++bits) {
    values.push_back((int64_t{1} << bits) - 1);
    values.push_back(int64_t{1} << bits);
  }
  values.push_back(-1);
  values.push_back(INT64_MIN);
  values.push_back(7);
  Packed<int64_t> packed;
  for (size_t i = 0; i < values.size(); ++i) {
    packed.push_back(values[i]);
    ASSERT_EQ(std::vector<int64_t>(packed.begin(), packed.end()),
              std::vector<int64_t>(values.begin(), values.begin() + static_cast<ptrdiff_t>(i) + 1));
  }
  Packed<uint16_t> small{1, 2, 65'535};
  EXPECT_EQ(small[2], 65'535);
  const Packed<uint16_t> copy = small;
  small.clear();
  EXPECT_TRUE(small.empty());
  EXPECT_EQ(copy[1], 2);
}

TEST(Packed, Values_TakeTheBytesOfTheLargest) {
  Packed<uint64_t> packed;
  for (uint64_t i = 0; i < 1'000; ++i) packed.push_back(i % 256);
  EXPECT_LT(packed.bytes(), 1'100u);
  packed.push_back(256);
  EXPECT_LT(packed.bytes(), 2'500u);
}

TEST(Packed, FullBlocks_KeepDistancesAndAreSharedByCopies) {
  std::vector<int64_t> values;
  Packed<int64_t> packed;
  std::vector<Packed<int64_t>> copies;
  for (int64_t i = 0; i < 3 * static_cast<int64_t>(Packed<int64_t>::kBlock) + 10; ++i) {
    // A block below zero, one that needs all bits, one of equal values, and the beginning of one.
    const auto block = static_cast<size_t>(i) / Packed<int64_t>::kBlock;
    values.push_back(block == 0 ? -5'000'000'000 + i % 8 : block == 1 ? INT64_MIN + i : 7);
    if (i == 5 || i == 70'000) copies.push_back(packed);
    packed.push_back(values.back());
  }
  EXPECT_EQ(std::vector<int64_t>(packed.begin(), packed.end()), values);
  for (const Packed<int64_t>& copy : copies) {
    EXPECT_EQ(
        std::vector<int64_t>(copy.begin(), copy.end()),
        std::vector<int64_t>(values.begin(), values.begin() + static_cast<ptrdiff_t>(copy.size())));
  }
  Packed<uint32_t> near;
  for (uint32_t i = 0; i < Packed<uint32_t>::kBlock; ++i) near.push_back(4'000'000'000 + i % 8);
  EXPECT_LT(near.bytes(), near.size() / 2) << "three bits each";
}

TEST(Columns, AChild_TakesFortyBytesAtMost) {
  const Columns columns = synthetic_columns(200'000, 1);
  EXPECT_LE(columns.bytes(), 40 * columns.size());
}

TEST(Columns, KeyPrefix_IsTheFirstSegment) {
  EXPECT_EQ(key_prefix("a/b/c"), "a/");
  EXPECT_EQ(key_prefix("plain"), "");
  EXPECT_EQ(key_prefix("/x"), "/");
  EXPECT_EQ(key_prefix("a/b/c", 2), "a/b/");
  EXPECT_EQ(key_prefix("a/b/c", 9), "a/b/");
  EXPECT_EQ(folder_of("a/b/c"), "a/b/");
  EXPECT_EQ(folder_of("c"), "");
}

TEST(Dictionary, BeyondItsLimit_CountsAsOther) {
  Dictionary names;
  for (size_t i = 0; i < Dictionary::kLimit + 5; ++i) names.number(std::to_string(i));
  EXPECT_EQ(names.size(), Dictionary::kLimit + 1);
  EXPECT_EQ(names.number("3"), 3u);
  EXPECT_EQ(names.text(names.number("new")), Dictionary::kOther);
}

TEST(Summary, OfARun_IsExact) {
  const Columns& c = run();
  const Summary summary = summarize(c, all_rows(c));
  std::vector<int64_t> queue(c.queue.begin(), c.queue.end());
  EXPECT_EQ(summary.count, c.size());
  EXPECT_EQ(summary.duration.p50, exact(c.duration, 0.5));
  EXPECT_EQ(summary.duration.p95, exact(c.duration, 0.95));
  EXPECT_EQ(summary.duration.p99, exact(c.duration, 0.99));
  EXPECT_EQ(summary.duration.max, exact(c.duration, 1));
  EXPECT_EQ(summary.queue.p95, exact(queue, 0.95));
  uint64_t failed = 0;
  uint64_t items = 0;
  for (uint32_t row = 0; row < c.size(); ++row) {
    failed += c.failed(row) ? 1 : 0;
    items += c.items[row];
  }
  EXPECT_EQ(summary.failed, failed);
  EXPECT_EQ(summary.items, items);
  EXPECT_EQ(summary.cold_starts, 1'000u);
  EXPECT_EQ(summary.lanes, 1'000u);
  EXPECT_EQ(summarize(c, {}).duration.max, 0);
}

TEST(TimeSplit, Parts_AddUpToTheDurations) {
  const Columns& c = run();
  const TimeSplit split = split_time(c, all_rows(c));
  int64_t total = 0;
  for (const int64_t duration : c.duration) total += duration;
  EXPECT_EQ(split.queue + split.cold + split.run + split.retry_wait + split.other, total);
  EXPECT_GT(split.retry_wait, 0);
}

TEST(AtWorkAtOnce, IsWithoutThoseThatWait) {
  Columns c;
  // Four begin at once on two processes: two wait until the others have ended.
  for (uint64_t i = 0; i < 4; ++i) {
    const bool waits = i > 1;
    c.append({.index = i,
              .start_ms = 0,
              .duration_us = waits ? 2'000'000 : 1'000'000,
              .queue_us = waits ? 1'000'000u : 0u,
              .run_us = 1'000'000});
  }
  EXPECT_EQ(at_work_at_once(c, all_rows(c)), 2u);
  EXPECT_EQ(at_work_at_once(c, {}), 0u);
  const uint32_t all = at_work_at_once(run(), all_rows(run()));
  EXPECT_GT(all, 0u);
  EXPECT_LE(all, summarize(run(), all_rows(run())).lanes);
}

// Runs the last part first.
class Backwards : public Together {
 public:
  size_t width() const override { return 3; }
  void run(size_t parts, const std::function<void(size_t)>& part) override {
    for (size_t i = parts; i-- > 0;) part(i);
    ++asked;
  }
  int asked = 0;
};

TEST(Together, PartsOfTheRows_ComeToTheSameAsAll) {
  const Columns c = synthetic_columns(3 * Packed<int64_t>::kBlock + 777, 5);
  const RowSpan all = all_rows(c);
  const Range range = extent(c, all);
  Backwards backwards;
  for (const Range part : {range, Range{range.to / 3, range.to / 2}}) {
    const Heatmap one = heatmap(c, all, part, 64, 24);
    const Heatmap several = heatmap(c, all, part, 64, 24, &backwards);
    EXPECT_EQ(one.low, several.low);
    EXPECT_EQ(one.high, several.high);
    EXPECT_EQ(one.cells, several.cells);
    const auto strip_of_one = strip(c, all, part, 90);
    auto strip_of_several = strip(c, all, part, 90, &backwards);
    for (size_t i = 0; i < strip_of_one.size(); ++i) {
      EXPECT_NEAR(strip_of_one[i].running, strip_of_several[i].running, 1e-6);
      strip_of_several[i].running = strip_of_one[i].running;
    }
    EXPECT_EQ(strip_of_one, strip_of_several);
  }
  const Summary one = summarize(c, all);
  const Summary several = summarize(c, all, &backwards);
  EXPECT_EQ(one.by_status, several.by_status);
  EXPECT_EQ(one.duration, several.duration);
  EXPECT_EQ(one.queue, several.queue);
  EXPECT_EQ(one.lanes, several.lanes);
  const LaneWindow window{range, 0, c.lane.bounds().most + 1};
  EXPECT_EQ(count_in_window(c, all, window), c.size());
  EXPECT_EQ(lane_cells(c, all, window, 80, 20, LaneColor::kDuration, 500'000),
            lane_cells(c, all, window, 80, 20, LaneColor::kDuration, 500'000, &backwards));
  const AttributeCounts counts = count_attributes(c);
  const AttributeCounts together = count_attributes(c, &backwards);
  EXPECT_EQ(counts.rows(), together.rows());
  EXPECT_EQ(counts.prefixes(c), together.prefixes(c));
  for (size_t i = 0; i < attributes(c).size(); ++i) EXPECT_EQ(counts.of(i), together.of(i));
  EXPECT_GT(backwards.asked, 5);
}

TEST(EndRate, CountsEndsOfTheWindow) {
  const Columns& c = run();
  const Rows rows = select(c, *parse_filter("end:2000001..4s"));
  EXPECT_DOUBLE_EQ(end_rate(c, all_rows(c), 4'000'000, 2'000'000),
                   static_cast<double>(rows.size()) / 2);
  EXPECT_EQ(end_rate(c, all_rows(c), 0, 1'000), 0);
}

TEST(Errors, Groups_HaveExactCountsTimesAndExemplars) {
  const Columns& c = run();
  const Range range = extent(c, all_rows(c));
  const ErrorGroups found = group_errors(c, all_rows(c), range, 100);
  std::map<uint32_t, Rows> expected;
  for (uint32_t row = 0; row < c.size(); ++row) {
    if (c.error_group[row] != 0) expected[c.error_group[row]].push_back(row);
  }
  ASSERT_EQ(found.groups.size(), expected.size());
  for (const ErrorGroup& group : found.groups) {
    const Rows& rows = expected.at(group.fingerprint);
    EXPECT_EQ(group.count, rows.size());
    const auto by_end = [&](uint32_t a, uint32_t b) { return c.end(a) < c.end(b); };
    const auto by_duration = [&](uint32_t a, uint32_t b) { return c.duration[a] < c.duration[b]; };
    EXPECT_EQ(group.first, c.end(*std::ranges::min_element(rows, by_end)));
    EXPECT_EQ(group.last, c.end(*std::ranges::max_element(rows, by_end)));
    uint64_t spark = 0;
    for (const uint32_t n : group.spark) spark += n;
    EXPECT_EQ(spark, group.count);
    int64_t slowest = 0;
    for (const uint32_t row : group.exemplars) slowest = std::max(slowest, c.duration[row]);
    EXPECT_EQ(slowest, c.duration[*std::ranges::max_element(rows, by_duration)]);
    EXPECT_EQ(std::set<uint32_t>(group.exemplars.begin(), group.exemplars.end()).size(),
              group.exemplars.size());
  }
  EXPECT_TRUE(std::ranges::is_sorted(found.groups, std::ranges::greater(), &ErrorGroup::count));
  const ErrorGroups two = group_errors(c, all_rows(c), range, 2);
  uint64_t all = two.other;
  for (const ErrorGroup& group : two.groups) all += group.count;
  EXPECT_EQ(two.groups.size(), 2u);
  EXPECT_EQ(all, static_cast<uint64_t>(std::ranges::count_if(
                     c.error_group, [](uint32_t group) { return group != 0; })));
}

TEST(Heatmap, Cells_HoldEveryChildOfTheRangeOnce) {
  const Columns& c = run();
  for (const Range range : {extent(c, all_rows(c)), Range{1'000'000, 3'000'000}}) {
    const Heatmap map = heatmap(c, all_rows(c), range, 64, 32);
    std::map<uint32_t, Rows> expected;
    for (uint32_t row = 0; row < c.size(); ++row) {
      if (c.end(row) < range.from || c.end(row) >= range.to) continue;
      EXPECT_GE(c.duration[row], map.low);
      EXPECT_LE(c.duration[row], map.high);
      const double x = static_cast<double>(c.end(row) - range.from) /
                       static_cast<double>(range.to - range.from) * 64;
      const double y =
          std::log2(static_cast<double>(c.duration[row]) / static_cast<double>(map.low)) /
          std::log2(static_cast<double>(map.high) / static_cast<double>(map.low)) * 32;
      // On an edge rounding may choose either side.
      if (std::abs(y - std::round(y)) < 1e-6 || std::abs(x - std::round(x)) < 1e-6) continue;
      expected[std::min(31u, static_cast<uint32_t>(y)) * 64 +
               std::min(63u, static_cast<uint32_t>(x))]
          .push_back(row);
    }
    uint64_t counted = 0;
    for (const HeatCell& cell : map.cells) {
      counted += cell.count;
      const auto found = expected.find(cell.cell);
      if (found == expected.end()) continue;
      EXPECT_LE(cell.count - found->second.size(), 2u);
      const auto failed = static_cast<size_t>(
          std::ranges::count_if(found->second, [&](uint32_t row) { return c.failed(row); }));
      EXPECT_LE(cell.failed - failed, 2u);
      if (cell.failed > 0) EXPECT_TRUE(c.failed(cell.exemplar));
    }
    EXPECT_EQ(counted,
              select(c, {Condition{.field = Field::kEnd, .from = range.from, .to = range.to - 1}})
                  .size());
    EXPECT_TRUE(std::ranges::is_sorted(map.cells, {}, &HeatCell::cell));
  }
  EXPECT_TRUE(heatmap(c, {}, {0, 10}, 4, 4).cells.empty());
}

TEST(Strip, Buckets_MatchASlowCount) {
  const Columns& c = run();
  for (const Range range : {extent(c, all_rows(c)), Range{1'000'000, 3'000'000}}) {
    constexpr size_t kBuckets = 50;
    const auto buckets = strip(c, all_rows(c), range, kBuckets);
    const double width = static_cast<double>(range.to - range.from) / kBuckets;
    for (size_t i = 0; i < kBuckets; ++i) {
      const double from = static_cast<double>(range.from) + width * static_cast<double>(i);
      const double to = from + width;
      double busy = 0;
      uint32_t starts = 0;
      std::vector<int64_t> ended;
      for (uint32_t row = 0; row < c.size(); ++row) {
        const auto start = static_cast<double>(c.start[row]);
        const auto end = static_cast<double>(c.end(row));
        busy += std::max(0.0, std::min(end, to) - std::max(start, from));
        starts += start >= from && start < to ? 1 : 0;
        if (end >= from && end < to) ended.push_back(c.duration[row]);
      }
      EXPECT_NEAR(buckets[i].running, busy / width, 1e-3) << i;
      EXPECT_NEAR(buckets[i].starts, starts, 1) << i;
      ASSERT_NEAR(buckets[i].ends, ended.size(), 1) << i;
      if (buckets[i].ends != ended.size()) continue;
      EXPECT_EQ(buckets[i].p50, exact(ended, 0.5));
      EXPECT_EQ(buckets[i].p95, exact(ended, 0.95));
      EXPECT_EQ(buckets[i].max, exact(ended, 1));
    }
  }
}

TEST(Children, Pages_GoThroughAllRowsInOrder) {
  const Columns c = synthetic_columns(500, 3);
  for (const std::string_view text :
       {"dur:desc", "dur", "start:asc", "end", "queue:desc", "retry:desc", "size", "index:desc"}) {
    const auto order = parse_order(text);
    ASSERT_TRUE(order) << text;
    Rows walked;
    std::optional<Cursor> after;
    while (true) {
      const Rows page = sorted_page(c, all_rows(c), *order, 64, after);
      if (page.empty()) break;
      walked.insert(walked.end(), page.begin(), page.end());
      after = Cursor{sort_value(c, page.back(), order->by), c.index[page.back()]};
    }
    ASSERT_EQ(walked.size(), c.size()) << text;
    EXPECT_EQ(std::set<uint32_t>(walked.begin(), walked.end()).size(), c.size()) << text;
    for (size_t i = 1; i < walked.size(); ++i) {
      const int64_t a = sort_value(c, walked[i - 1], order->by);
      const int64_t b = sort_value(c, walked[i], order->by);
      EXPECT_TRUE(order->descending ? a >= b : a <= b) << text;
    }
  }
  EXPECT_FALSE(parse_order("colour"));
  EXPECT_FALSE(parse_order("dur:up"));
}

TEST(Children, Slowest_AreTheLongest) {
  const Columns& c = run();
  std::vector<int64_t> durations(c.duration.begin(), c.duration.end());
  std::sort(durations.rbegin(), durations.rend());
  const Rows rows = slowest(c, all_rows(c), 10);
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(c.duration[rows[i]], durations[i]);
}

}  // namespace
}  // namespace weft::columns

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "columns/batches.h"
#include "columns/bytes.h"
#include "columns/differs.h"
#include "columns/errors.h"
#include "columns/filter.h"
#include "columns/heatmap.h"
#include "columns/lanes.h"
#include "columns/order.h"
#include "columns/strip.h"
#include "columns/summary.h"
#include "columns/synthetic.h"

// Questions over columns that end within, at and behind the borders of batches and blocks, each
// against the same asked row by row.

namespace weft::columns {
namespace {

constexpr size_t kBlock = Packed<uint32_t>::kBlock;

const Columns& columns_of(size_t rows) {
  static std::map<size_t, Columns> made;
  const auto known = made.find(rows);
  return known != made.end() ? known->second
                             : made.emplace(rows, synthetic_columns(rows, rows)).first->second;
}

Rows list_of(size_t rows) {
  Rows list(rows);
  std::iota(list.begin(), list.end(), 0u);
  return list;
}

Rows every_third(size_t rows) {
  Rows list;
  for (uint32_t row = 1; row < rows; row += 3) list.push_back(row);
  return list;
}

class Blocks : public testing::TestWithParam<size_t> {
 protected:
  const Columns& c = columns_of(GetParam());
  const Rows all = list_of(c.size());
  const Rows third = every_third(c.size());
  const Range range = extent(c, all_rows(c));
};
INSTANTIATE_TEST_SUITE_P(Sizes, Blocks,
                         testing::Values(1, 1'023, 1'024, 1'025, kBlock - 1, kBlock, kBlock + 1,
                                         2 * kBlock + 777));

template <typename T>
void expect_read(const Packed<T>& column) {
  std::mt19937 random(7);
  std::vector<T> out(column.size() + 1);
  for (int i = 0; i < 50; ++i) {
    const size_t from = random() % column.size();
    const size_t count = 1 + random() % std::min<size_t>(column.size() - from, 5'000);
    column.read(from, count, out.data());
    for (size_t at = 0; at < count; ++at) ASSERT_EQ(out[at], column[from + at]) << from + at;
  }
}

TEST(Packed, Read_GivesEveryWidthOfEveryBlock) {
  std::mt19937_64 random(3);
  Packed<int64_t> wide;
  Packed<uint32_t> number;
  Packed<uint16_t> small;
  Packed<history::ExecutionStatus> status;
  for (unsigned block = 0; block < 9; ++block) {
    const unsigned bits = std::min(63u, block * 8 + block % 3);
    for (size_t i = 0; i < (block == 8 ? 4'321 : kBlock); ++i) {
      const uint64_t value = random() & ((uint64_t{1} << bits) - 1);
      wide.push_back(static_cast<int64_t>(value) - 1'000);
      number.push_back(static_cast<uint32_t>(value));
      small.push_back(static_cast<uint16_t>(value));
      status.push_back(static_cast<history::ExecutionStatus>(value % (1 + block % 6)));
    }
  }
  expect_read(wide);
  expect_read(number);
  expect_read(small);
  expect_read(status);
  int64_t least = INT64_MAX;
  int64_t most = INT64_MIN;
  for (const int64_t value : wide) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  EXPECT_EQ(wide.bounds().least, least);
  EXPECT_EQ(wide.bounds().most, most);
  EXPECT_EQ(Packed<int64_t>().bounds().most, 0);
}

TEST(Packed, Read_GivesEveryNumberOfBits) {
  for (unsigned bits = 0; bits <= 64; ++bits) {
    const uint64_t most = bits == 0 ? 0 : UINT64_MAX >> (64 - bits);
    Packed<uint64_t> packed;
    for (size_t i = 0; i < kBlock; ++i) packed.push_back(i % 5 == 0 ? most : most / (1 + i));
    expect_read(packed);
  }
}

TEST_P(Blocks, Extent_IsThatOfEveryRow) {
  Range expected{INT64_MAX, INT64_MIN};
  for (const uint32_t row : all) {
    expected.from = std::min(expected.from, c.start[row]);
    expected.to = std::max(expected.to, c.end(row) + 1);
  }
  EXPECT_EQ(extent(c, all_rows(c)), expected);
  EXPECT_EQ(extent(c, all), expected);
}

TEST_P(Blocks, Summaries_AreTheSameOfAllAndOfTheListOfAll) {
  const Summary whole = summarize(c, all_rows(c));
  const Summary listed = summarize(c, all);
  EXPECT_EQ(whole.by_status, listed.by_status);
  EXPECT_EQ(whole.duration, listed.duration);
  EXPECT_EQ(whole.queue, listed.queue);
  std::array<uint64_t, 6> by_status{};
  uint64_t retries = 0;
  uint32_t lanes = 0;
  TimeSplit split{.children = all.size()};
  std::vector<int64_t> durations;
  for (const uint32_t row : all) {
    ++by_status[static_cast<size_t>(c.status[row])];
    retries += c.retries[row];
    lanes = std::max(lanes, c.lane[row] + 1);
    split.queue += c.queue[row];
    split.cold += c.cold[row];
    split.run += c.run[row];
    (c.retries[row] > 0 ? split.retry_wait : split.other) += c.other(row);
    durations.push_back(c.duration[row]);
  }
  EXPECT_EQ(whole.by_status, by_status);
  EXPECT_EQ(whole.retries, retries);
  EXPECT_EQ(whole.lanes, lanes);
  EXPECT_EQ(split_time(c, all_rows(c)), split);
  std::ranges::sort(durations);
  EXPECT_EQ(whole.duration.p50, metrics::percentile_of_sorted(durations, 0.50));
  EXPECT_EQ(whole.duration.p99, metrics::percentile_of_sorted(durations, 0.99));
}

TEST_P(Blocks, Filters_ChooseWhatHoldsOfARow) {
  const int64_t middle = (range.from + range.to) / 2;
  const auto chosen = [&](const auto& holds) {
    Rows rows;
    std::ranges::copy_if(all, std::back_inserter(rows), holds);
    return rows;
  };
  const auto condition = [](Field field, int64_t from, int64_t to) {
    return Condition{.field = field, .from = from, .to = to};
  };
  EXPECT_EQ(select(c, {}), all);
  EXPECT_EQ(select(c, *parse_filter("status:failed,timed_out")),
            chosen([&](uint32_t row) { return c.failed(row); }));
  EXPECT_EQ(select(c, {condition(Field::kEnd, middle, range.to)}),
            chosen([&](uint32_t row) { return c.end(row) >= middle; }));
  EXPECT_EQ(select(c, {condition(Field::kStart, 0, middle), condition(Field::kRetry, 1, 9)}),
            chosen([&](uint32_t row) { return c.start[row] <= middle && c.retries[row] > 0; }));
  EXPECT_EQ(select(c, {condition(Field::kIndex, 500, kBlock)}),
            chosen([&](uint32_t row) { return c.index[row] >= 500 && c.index[row] <= kBlock; }));
  EXPECT_EQ(select(c, *parse_filter("key:part-7 lane:0..99")), chosen([&](uint32_t row) {
              return c.folder.text(row) == "part-7/" && c.lane[row] < 100;
            }));
  EXPECT_TRUE(select(c, *parse_filter("err:1")).size() ==
              chosen([&](uint32_t row) { return c.error_group[row] == 1; }).size());
}

// Row by row, and a logarithm for each.
std::map<uint32_t, HeatCell> plain_heatmap(const Columns& c, RowSpan rows, const Heatmap& of) {
  std::map<uint32_t, HeatCell> cells;
  const double low = std::log2(static_cast<double>(of.low));
  const double per_octave =
      of.height / std::max(1e-9, std::log2(static_cast<double>(of.high)) - low);
  const double per_us = of.width / static_cast<double>(of.range.to - of.range.from);
  for (const uint32_t row : rows) {
    if (c.end(row) < of.range.from || c.end(row) >= of.range.to) continue;
    const double log = std::log2(static_cast<double>(std::max<int64_t>(1, c.duration[row])));
    const auto y = std::min(of.height - 1, static_cast<uint32_t>((log - low) * per_octave));
    const auto x =
        std::min(of.width - 1,
                 static_cast<uint32_t>(static_cast<double>(c.end(row) - of.range.from) * per_us));
    HeatCell& cell = cells[y * of.width + x];
    cell.cell = y * of.width + x;
    const bool better = c.failed(row) != c.failed(cell.exemplar)
                            ? c.failed(row)
                            : c.duration[row] > c.duration[cell.exemplar];
    if (cell.count++ == 0 || better) cell.exemplar = row;
    cell.failed += c.failed(row) ? 1 : 0;
  }
  return cells;
}

TEST_P(Blocks, Heatmaps_AreThoseOfALogarithmForEachRow) {
  const Range middle{range.from + (range.to - range.from) / 3, range.to - 1};
  for (const uint32_t height : {1u, 7u, 64u, 500u}) {
    for (const Range part : {range, middle}) {
      for (const RowSpan rows : {all_rows(c), RowSpan(third)}) {
        const Heatmap map = heatmap(c, rows, part, 256, height);
        std::vector<HeatCell> expected;
        for (const auto& [at, cell] : plain_heatmap(c, rows, map)) expected.push_back(cell);
        ASSERT_EQ(map.cells, expected) << height;
      }
    }
  }
}

TEST_P(Blocks, Strips_AreTheSameOfAllAndOfTheListOfAll) {
  for (const size_t buckets : {1u, 40u, 400u}) {
    const auto whole = strip(c, all_rows(c), range, buckets);
    EXPECT_EQ(whole, strip(c, all, range, buckets));
    std::vector<std::vector<int64_t>> durations(buckets);
    const double per_us = static_cast<double>(buckets) / static_cast<double>(range.to - range.from);
    for (const uint32_t row : all) {
      const auto at = static_cast<size_t>(static_cast<double>(c.end(row) - range.from) * per_us);
      durations[std::min(buckets - 1, at)].push_back(c.duration[row]);
    }
    for (size_t i = 0; i < buckets; ++i) {
      std::ranges::sort(durations[i]);
      EXPECT_EQ(whole[i].ends, durations[i].size());
      EXPECT_EQ(whole[i].p50, metrics::percentile_of_sorted(durations[i], 0.50));
      EXPECT_EQ(whole[i].p95, metrics::percentile_of_sorted(durations[i], 0.95));
      EXPECT_EQ(whole[i].max, metrics::percentile_of_sorted(durations[i], 1));
    }
  }
}

TEST_P(Blocks, Lanes_AreTheSameOfAllAndOfTheListOfAll) {
  const LaneWindow window{{range.from, range.to}, 0, c.lane.bounds().most + 1};
  const LaneWindow part{{range.from, (range.from + range.to) / 2}, 3, 500};
  for (const LaneColor color :
       {LaneColor::kDuration, LaneColor::kStatus, LaneColor::kRetry, LaneColor::kCold}) {
    for (const LaneWindow& one : {window, part}) {
      EXPECT_EQ(lane_cells(c, all_rows(c), one, 320, 36, color, 400'000),
                lane_cells(c, all, one, 320, 36, color, 400'000));
      EXPECT_EQ(in_window(c, all_rows(c), one), in_window(c, all, one));
      EXPECT_EQ(count_in_window(c, all_rows(c), one), in_window(c, all, one).size());
    }
  }
}

TEST_P(Blocks, Pages_AreTheFirstOfAllInOrder) {
  for (const SortBy by : {SortBy::kDuration, SortBy::kEnd, SortBy::kRetries, SortBy::kIndex}) {
    for (const bool descending : {true, false}) {
      std::vector<std::tuple<int64_t, uint64_t, uint32_t>> order;
      for (const uint32_t row : all) {
        const int64_t value = sort_value(c, row, by);
        order.emplace_back(descending ? -value : value, c.index[row], row);
      }
      const size_t first = std::min<size_t>(order.size(), 10);
      std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(first), order.end());
      Rows sorted;
      for (size_t i = 0; i < first; ++i) sorted.push_back(std::get<2>(order[i]));
      EXPECT_EQ(sorted_page(c, all_rows(c), {by, descending}, 10, std::nullopt), sorted);
      EXPECT_EQ(sorted_page(c, all, {by, descending}, 10, std::nullopt), sorted);
    }
  }
}

TEST_P(Blocks, Differences_AreTheSameHoweverTheBaseIsGiven) {
  const Rows selection = select(c, *parse_filter("retry:>0"));
  const AttributeCounts counts = count_attributes(c);
  const Differences whole = differs(c, selection, all_rows(c), {Field::kRetry}, 40);
  const Differences listed = differs(c, selection, all, {Field::kRetry}, 40);
  const Differences known = differs(c, selection, all_rows(c), {Field::kRetry}, 40, {}, &counts);
  EXPECT_EQ(whole.base, c.size() - selection.size());
  for (const Differences* other : {&listed, &known}) {
    EXPECT_EQ(whole.base, other->base);
    ASSERT_EQ(whole.found.size(), other->found.size());
    for (size_t i = 0; i < whole.found.size(); ++i) {
      EXPECT_EQ(whole.found[i].attribute, other->found[i].attribute);
      EXPECT_EQ(whole.found[i].value, other->found[i].value);
      EXPECT_EQ(whole.found[i].selected, other->found[i].selected);
      EXPECT_EQ(whole.found[i].others, other->found[i].others);
    }
  }
  const std::vector<Attribute> known_attributes = attributes(c);
  for (size_t i = 0; i < known_attributes.size(); ++i) {
    const auto& of = counts.of(i);
    EXPECT_EQ(std::accumulate(of.begin(), of.end(), uint64_t{0}), c.size());
  }
}

TEST(BlocksGrowing, AReaderKeepsItsRowsWhileOthersCome) {
  Columns growing = columns_of(kBlock - 1);
  const Columns before = growing;
  const auto of_before = strip(before, all_rows(before), extent(before, all_rows(before)), 40);
  for (uint32_t i = 0; i < 3'000; ++i) growing.append({.index = kBlock + i, .duration_us = 5});
  EXPECT_EQ(before.size(), kBlock - 1);
  EXPECT_EQ(strip(before, all_rows(before), extent(before, all_rows(before)), 40), of_before);
  EXPECT_EQ(select(growing, {Condition{.field = Field::kDuration, .from = 5, .to = 5}}).size(),
            3'000u);
}

std::pair<std::shared_ptr<std::byte[]>, size_t> bytes_of(const Columns& c) {
  std::string text;
  write_bytes(c, [&](std::string_view piece) { text += piece; });
  auto bytes = std::make_shared<std::byte[]>(text.size());
  std::memcpy(bytes.get(), text.data(), text.size());
  return {bytes, text.size()};
}

TEST_P(Blocks, StoredColumns_AreTheSameAndGoOnGrowing) {
  Columns of = c;
  TextColumn& called = of.properties["function"];
  for (uint32_t row = 0; row < of.size(); ++row) {
    called.number.push_back(called.values.number(row % 2 == 0 ? "even" : "odd"));
    if (row % 100 == 0) called.further.push_back(called.values.number("both"));
    called.further_end.push_back(static_cast<uint32_t>(called.further.size()));
  }
  const auto [bytes, size] = bytes_of(of);
  auto read = from_bytes(bytes, size);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->origin_us, c.origin_us);
  EXPECT_EQ(select(*read, *parse_filter("key:part-3 function:both")),
            select(of, *parse_filter("key:part-3 function:both")));
  EXPECT_EQ(strip(*read, all_rows(*read), range, 40), strip(c, all_rows(c), range, 40));
  EXPECT_EQ(std::vector<uint64_t>(read->key_hash.begin(), read->key_hash.end()),
            std::vector<uint64_t>(c.key_hash.begin(), c.key_hash.end()));
  EXPECT_EQ(bytes_of(*read).second, size);
  Columns grown = *read;
  for (uint32_t i = 0; i < 2'000; ++i) grown.append({.index = 1u << 30, .duration_us = i});
  ASSERT_EQ(grown.size(), c.size() + 2'000);
  EXPECT_EQ(grown.duration[static_cast<uint32_t>(c.size()) + 1'999], 1'999);
  EXPECT_EQ(grown.duration[0], c.duration[0]);
  EXPECT_EQ(read->size(), c.size());
}

TEST(Stored, BytesThatAreNoColumns_AreNone) {
  const auto [bytes, size] = bytes_of(columns_of(1'025));
  EXPECT_TRUE(from_bytes(bytes, size));
  for (size_t cut = 0; cut < size; cut += 1 + cut / 7) EXPECT_FALSE(from_bytes(bytes, cut)) << cut;
  // Whatever stands there: an answer, and nothing that is read beyond the bytes.
  std::mt19937 random(11);
  for (int i = 0; i < 2'000; ++i) {
    const size_t at = i < 1'000 ? random() % 400 : random() % size;
    const std::byte was = bytes[at];
    bytes[at] ^= static_cast<std::byte>(1 + random() % 255);
    if (const auto read = from_bytes(bytes, size)) EXPECT_LE(read->size(), size_t{1} << 32);
    bytes[at] = was;
  }
}

}  // namespace
}  // namespace weft::columns

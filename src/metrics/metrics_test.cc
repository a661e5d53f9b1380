#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "metrics/percentile.h"
#include "metrics/sketch.h"

namespace weft::metrics {
namespace {

TEST(Percentile, NearestRank_OfKnownValues) {
  std::vector<int64_t> values;
  for (int64_t i = 100; i >= 1; --i) values.push_back(i);
  EXPECT_EQ(percentiles(values), (Percentiles{50, 95, 99, 100}));
  EXPECT_EQ(percentiles({7}), (Percentiles{7, 7, 7, 7}));
  EXPECT_EQ(percentiles({}), Percentiles{});
  std::sort(values.begin(), values.end());
  EXPECT_EQ(percentile_of_sorted(values, 0), 1);
  EXPECT_EQ(percentile_of_sorted(values, 0.501), 51);
}

TEST(Percentile, Selection_AgreesWithSorting) {
  std::mt19937 random(1);
  for (size_t size : {1u, 2u, 3u, 19u, 20u, 1'000u}) {
    std::vector<int64_t> values(size);
    for (int64_t& value : values) value = static_cast<int64_t>(random() % 500);
    Percentiles got = percentiles(values);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(got,
              (Percentiles{percentile_of_sorted(values, 0.5), percentile_of_sorted(values, 0.95),
                           percentile_of_sorted(values, 0.99), values.back()}));
  }
}

TEST(Sketch, Quantiles_AreWithinOnePercentAndMerge) {
  std::mt19937_64 random(2);
  std::lognormal_distribution<double> durations(10, 2);
  std::vector<double> values(20'000);
  Sketch parts[3];
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = durations(random);
    parts[i % 3].add(values[i]);
  }
  Sketch whole;
  for (const Sketch& part : parts) whole.merge(part);
  std::sort(values.begin(), values.end());
  EXPECT_EQ(whole.count(), values.size());
  for (double q : {0.0, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    double exact = values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
    EXPECT_NEAR(whole.quantile(q), exact, exact * 0.01001) << q;
  }
  EXPECT_DOUBLE_EQ(whole.max(), values.back());
  EXPECT_DOUBLE_EQ(whole.min(), values.front());
}

TEST(Sketch, ZerosAndEmptiness_AreCounted) {
  Sketch sketch;
  EXPECT_EQ(sketch.quantile(0.5), 0);
  sketch.add(0, 3);
  sketch.add(-1);
  sketch.add(10);
  EXPECT_EQ(sketch.quantile(0.5), 0);
  EXPECT_DOUBLE_EQ(sketch.quantile(1), 10);
  EXPECT_EQ(sketch.count(), 5u);
}

// `weft trace` shows exact percentiles of a Map Run, `weft metrics` a sketch's of the same
// children.
TEST(Sketch, OfFewValues_AgreesWithExactPercentiles) {
  for (size_t count = 1; count <= 25; ++count) {
    Sketch sketch;
    std::vector<int64_t> values;
    for (size_t i = 0; i < count; ++i) {
      values.push_back(int64_t{100} << i);
      sketch.add(static_cast<double>(values.back()));
    }
    for (double q : {0.0, 0.07, 0.5, 0.95, 0.99, 1.0}) {
      const auto exact = static_cast<double>(percentile_of_sorted(values, q));
      EXPECT_NEAR(sketch.quantile(q), exact, exact * 0.01001) << count << " " << q;
    }
  }
}

TEST(Sketch, Since_IsWhatCameInBetween) {
  Sketch sketch;
  for (int i = 0; i < 100; ++i) sketch.add(i);
  const Sketch before = sketch;
  Sketch added;
  for (int i = 1'000; i < 1'200; ++i) {
    sketch.add(i);
    added.add(i);
  }
  const Sketch since = sketch.since(before);
  EXPECT_EQ(since.count(), 200u);
  EXPECT_DOUBLE_EQ(since.sum(), added.sum());
  EXPECT_DOUBLE_EQ(since.quantile(0.5), added.quantile(0.5));
  EXPECT_NEAR(since.min(), 1'000, 10);
  EXPECT_NEAR(since.max(), 1'199, 12);
  EXPECT_EQ(sketch.since(sketch).count(), 0u);
  uint64_t visited = 0;
  since.for_each([&](double value, uint64_t count) {
    visited += count;
    EXPECT_GT(value, 980);
  });
  EXPECT_EQ(visited, 200u);
}

}  // namespace
}  // namespace weft::metrics

#include "columns/sampling.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "columns/synthetic_rare.h"
#include "metrics/sketch.h"

namespace weft::columns {
namespace {

TEST(Sampler, OnePercentOfARun_KeepsEveryErrorAndTheSlowPath) {
  const auto children = rare_children(100'000, 7);
  constexpr size_t kBudget = 1'000;
  Sampler sampler(kBudget);
  metrics::Sketch sketch;  // what metrics keep: of all children
  std::vector<int64_t> durations;
  for (const auto& [row, path] : children) {
    sampler.add(row, path);
    ASSERT_LE(sampler.size(), kBudget);
    sketch.add(static_cast<double>(row.duration_us));
    durations.push_back(row.duration_us);
  }
  const std::vector<Kept> kept = sampler.kept();
  std::set<uint32_t> groups;
  std::set<uint64_t> indexes;
  uint64_t slow = 0;
  for (const Kept& one : kept) {
    if (one.row.error_group != 0) groups.insert(one.row.error_group);
    indexes.insert(one.row.index);
    slow += one.path == kSlowPath ? 1 : 0;
  }
  EXPECT_EQ(groups.size(), kRareErrors);
  EXPECT_GE(slow, 3u);
  EXPECT_EQ(sampler.count(), children.size());
  for (uint32_t error = 1; error <= kRareErrors; ++error) EXPECT_EQ(sampler.errors(error), error);
  // First, slowest and last of each group are there.
  for (uint32_t error = 1; error <= kRareErrors; ++error) {
    std::vector<history::ChildRow> rows;
    for (const auto& [row, path] : children) {
      if (row.error_group == error) rows.push_back(row);
    }
    const auto slowest = std::ranges::max_element(rows, {}, &history::ChildRow::duration_us);
    EXPECT_TRUE(indexes.contains(rows.front().index));
    EXPECT_TRUE(indexes.contains(rows.back().index));
    EXPECT_TRUE(indexes.contains(slowest->index));
  }
  std::sort(durations.begin(), durations.end());
  for (const double q : {0.5, 0.95, 0.99}) {
    const auto exact = static_cast<double>(
        durations[static_cast<size_t>(q * static_cast<double>(durations.size() - 1))]);
    EXPECT_NEAR(sketch.quantile(q), exact, exact * 0.01);
  }
}

TEST(Sampler, Weights_SumToTheChildrenOfEachPath) {
  const auto children = rare_children(20'000, 3);
  Sampler sampler(300);
  std::map<uint64_t, double> expected;
  for (const auto& [row, path] : children) {
    sampler.add(row, path);
    expected[path] += 1;
  }
  std::map<uint64_t, double> found;
  for (const Kept& one : sampler.kept()) found[one.path] += one.weight;
  for (const auto& [path, count] : expected) EXPECT_NEAR(found[path], count, 1e-6) << path;
}

TEST(Sampler, Strata_ShareDrawnPlacesBySquareRoots) {
  Sampler sampler(2'000);
  constexpr uint64_t kParts[] = {1, 4, 16, 79};  // of a hundred children, by path
  for (uint64_t i = 0; i < 100'000; ++i) {
    const uint64_t part = (i * 37) % 100;
    const uint64_t path = part < 1 ? 0 : part < 5 ? 1 : part < 21 ? 2 : 3;
    sampler.add({.index = i, .duration_us = 1'000}, path);
    ASSERT_LE(sampler.size(), 2'000u);
  }
  double drawn[4] = {};
  double weights[4] = {};
  for (const Kept& one : sampler.kept()) {
    drawn[one.path] += one.reason == KeepReason::kRandom ? 1 : 0;
    weights[one.path] += one.weight;
  }
  for (int path = 0; path < 4; ++path) {
    EXPECT_NEAR(drawn[path] / drawn[0], std::sqrt(kParts[path]), 0.1 * std::sqrt(kParts[path]));
    EXPECT_NEAR(weights[path], static_cast<double>(kParts[path]) * 1'000, 1e-6);
  }
}

TEST(Sampler, StrataWhoseDurationsDiffer_AreDrawnMore) {
  Sampler sampler(2'000);
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> even(13, 0.3);
  std::lognormal_distribution<double> uneven(13, 0.9);
  for (uint64_t i = 0; i < 50'000; ++i) {
    const double duration = i % 2 == 0 ? even(random) : uneven(random);
    sampler.add({.index = i, .duration_us = static_cast<int64_t>(duration)}, i % 2);
  }
  double drawn[2] = {};
  double weights[2] = {};
  for (const Kept& one : sampler.kept()) {
    drawn[one.path] += one.reason == KeepReason::kRandom ? 1 : 0;
    weights[one.path] += one.weight;
  }
  EXPECT_NEAR(drawn[1] / drawn[0], std::sqrt((0.81 + 0.01) / (0.09 + 0.01)), 0.3);
  for (const double weight : weights) EXPECT_NEAR(weight, 25'000, 1e-6);
}

TEST(Sampler, ErrorsOfOnePath_HaveWeightsOfTheirOwn) {
  Sampler sampler(100);
  for (uint64_t i = 0; i < 5'000; ++i) {
    sampler.add({.index = i,
                 .duration_us = static_cast<int64_t>(i % 97),
                 .status = history::ExecutionStatus::kFailed,
                 .error_group = i % 50 == 0 ? 2u : 1u},
                7);
  }
  double weights[3] = {};
  for (const Kept& one : sampler.kept()) weights[one.row.error_group] += one.weight;
  EXPECT_NEAR(weights[1], 4'900, 1e-6);
  EXPECT_NEAR(weights[2], 100, 1e-6);
}

TEST(Sampler, DropOne_GivesUpTheWeakestUntilNobodyIsLeft) {
  Sampler sampler(50, false);
  auto children = rare_children(5'000, 4);
  for (const auto& [row, path] : children) sampler.add(row, path);
  std::ranges::stable_sort(children, std::greater{},
                           [](const auto& child) { return child.first.duration_us; });
  const int64_t slow = children[4].first.duration_us;  // the fifth slowest
  std::vector<uint64_t> gone;
  while (sampler.size() > 0) {
    const size_t before = sampler.size();
    sampler.drop_one(gone);
    ASSERT_LT(sampler.size(), before);
    if (sampler.size() > 10) continue;
    for (const Kept& one : sampler.kept())
      EXPECT_TRUE(one.row.error_group != 0 || one.row.duration_us >= slow);
  }
  EXPECT_EQ(gone.size(), 50u);
}

TEST(Sampler, WhatItReports_IsWhatItNoLongerKeeps) {
  const auto children = rare_children(5'000, 3);
  Sampler sampler(100);
  std::set<uint64_t> detail;
  for (const auto& [row, path] : children) {
    detail.insert(row.index);
    for (const uint64_t gone : sampler.add(row, path)) EXPECT_EQ(detail.erase(gone), 1u);
    ASSERT_EQ(detail.size(), sampler.size());
  }
  for (const Kept& one : sampler.kept()) EXPECT_TRUE(detail.contains(one.row.index));
}

TEST(Sampler, SameChildren_GiveTheSameChoice) {
  const auto children = rare_children(5'000, 4);
  Sampler one(50);
  Sampler two(50);
  for (const auto& [row, path] : children) {
    one.add(row, path);
    two.add(row, path);
  }
  const auto a = one.kept();
  const auto b = two.kept();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].row, b[i].row);
    EXPECT_EQ(a[i].reason, b[i].reason);
  }
}

TEST(Sampler, MoreErrorGroupsThanBudget_StaysInBudget) {
  Sampler sampler(10);
  for (uint64_t i = 0; i < 1'000; ++i) {
    sampler.add({.index = i,
                 .status = history::ExecutionStatus::kFailed,
                 .error_group = static_cast<uint32_t>(i + 1)},
                i);
    ASSERT_LE(sampler.size(), 10u);
  }
  EXPECT_EQ(sampler.kept().size(), 10u);
}

using SyntheticChildren = std::vector<std::pair<history::ChildRow, uint64_t>>;

// What is called certain while children come is in the final choice, for the same reason and with
// weight 1.
void expect_certain(Sampler& sampler, const SyntheticChildren& children) {
  std::vector<std::pair<uint64_t, KeepReason>> seen;
  for (const auto& [row, path] : children) {
    for (const uint64_t gone : sampler.add(row, path)) {
      for (const auto& [index, reason] : seen) ASSERT_NE(gone, index);
    }
    for (size_t i = seen.size(); i < sampler.certain().size(); ++i) {
      seen.emplace_back(sampler.certain()[i].row.index, sampler.certain()[i].reason);
    }
  }
  EXPECT_LE(seen.size(), sampler.budget() / 4);
  std::map<uint64_t, Kept> kept;
  std::map<std::pair<uint64_t, uint32_t>, double> weights;  // by stratum
  for (const Kept& one : sampler.kept()) {
    kept[one.row.index] = one;
    weights[{one.path, one.row.error_group}] += one.weight;
  }
  for (const auto& [index, reason] : seen) {
    ASSERT_TRUE(kept.contains(index)) << index;
    EXPECT_EQ(kept[index].reason, reason) << index;
    EXPECT_EQ(kept[index].weight, 1) << index;
  }
  for (const auto& [row, path] : children) {
    const auto found = weights.find({path, row.error_group});
    if (found != weights.end()) found->second -= 1;
  }
  for (const auto& [stratum, difference] : weights) EXPECT_NEAR(difference, 0, 1e-6);
}

TEST(Sampler, Certain_AreInTheFinalChoiceAsTheyWereCalled) {
  Sampler sampler(1'000);
  expect_certain(sampler, rare_children(50'000, 5));
  std::set<uint32_t> errors;
  for (const auto& one : sampler.certain()) errors.insert(one.row.error_group);
  errors.erase(0);
  EXPECT_EQ(errors.size(), kRareErrors) << "the first of each error";
}

TEST(Sampler, PlacesAreShort_CertainKeepTheirsAndTheirWeight) {
  for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
    std::mt19937_64 random(seed);
    SyntheticChildren children;
    for (uint64_t i = 0; i < 3'000; ++i) {  // more strata and claims than places
      const auto error = static_cast<uint32_t>(random() % 4 == 0 ? random() % 40 : 0);
      children.push_back({{.index = i,
                           .duration_us = static_cast<int64_t>(random() % (1u << random() % 24)),
                           .error_group = error},
                          random() % 30});
    }
    Sampler sampler(60);
    expect_certain(sampler, children);
    EXPECT_GE(sampler.certain().size(), 3u);
  }
}

TEST(Sampler, Pins_AreKeptBeforeTheyEndAndShortlyAfterTheyLost) {
  const auto children = rare_children(20'000, 11);
  constexpr size_t kBudget = 400;
  Sampler sampler(kBudget);
  std::set<uint64_t> pins{700, 12'345};
  std::vector<uint64_t> gone;
  for (const uint64_t index : pins) EXPECT_TRUE(sampler.pin(index, false, gone));
  EXPECT_FALSE(sampler.pin(700, false, gone)) << "once is enough";
  uint64_t late = 0;
  for (const auto& [row, path] : children) {
    sampler.add(row, path, gone);
    if (row.index != 10'000) continue;
    const auto lost = [&](uint64_t index) { return !sampler.keeps(index); };
    for (late = 9'900; !lost(late);) ++late;
    EXPECT_TRUE(sampler.pin(late, true, gone));
    EXPECT_TRUE(sampler.keeps(late));
    pins.insert(late);
    uint64_t long_ago = 1'000;
    while (!lost(long_ago)) ++long_ago;
    EXPECT_FALSE(sampler.pin(long_ago, true, gone));
    const auto kept = sampler.kept();
    const auto drawn = std::ranges::find_if(kept, [](const Kept& one) {
      return one.reason == KeepReason::kRandom && one.path == kFastPath;
    });
    ASSERT_NE(drawn, kept.end());
    EXPECT_TRUE(sampler.pin(drawn->row.index, true, gone));
    pins.insert(drawn->row.index);
    EXPECT_TRUE(sampler.pin(row.index, true, gone)) << "one of the last";
    pins.insert(row.index);
  }
  EXPECT_EQ(sampler.size(), kBudget);
  std::map<uint64_t, double> weights;
  uint64_t pinned = 0;
  for (const Kept& one : sampler.kept()) {
    weights[one.path] += one.weight;
    if (one.reason != KeepReason::kPinned) continue;
    ++pinned;
    EXPECT_TRUE(pins.contains(one.row.index));
    EXPECT_EQ(one.weight, 1);
  }
  EXPECT_EQ(pinned, pins.size());
  for (const auto& [row, path] : children) weights[path] -= 1;
  for (const auto& [path, difference] : weights) EXPECT_NEAR(difference, 0, 1e-6);
}

TEST(Sampler, MorePinsThanTheirShare_AreRefused) {
  Sampler sampler(100);
  std::vector<uint64_t> gone;
  for (uint64_t i = 0; i < 1'000; ++i) {
    EXPECT_EQ(sampler.pin(i, false, gone), i < 10);
    sampler.add({.index = i, .duration_us = 1'000}, 1, gone);
    ASSERT_LE(sampler.size(), 100u);
  }
  uint64_t drawn = 0;
  for (const Kept& one : sampler.kept()) drawn += one.reason == KeepReason::kRandom ? 1 : 0;
  EXPECT_GT(drawn, 50u);
}

TEST(Sampler, SmallBudget_CallsNobodyCertain) {
  Sampler sampler(4 * Sampler::kCertainMin - 1);
  expect_certain(sampler, rare_children(1'000, 4));
  EXPECT_TRUE(sampler.certain().empty());
}

TEST(Sampler, FirstAndLast_AreKeptAtAnyMoment) {
  Sampler sampler(100);
  for (uint64_t i = 0; i < 2'000; ++i) {
    for (const uint64_t gone : sampler.add({.index = i, .duration_us = 1'000}, 1)) {
      EXPECT_FALSE(sampler.keeps(gone));
    }
    ASSERT_TRUE(sampler.keeps(i));
    ASSERT_LE(sampler.size(), 100u);
  }
  const auto kept = sampler.kept();
  ASSERT_EQ(kept.size(), 100u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(kept[i].row.index, i);
    EXPECT_EQ(kept[kept.size() - 1 - i].row.index, 1'999 - i);
    EXPECT_EQ(kept[kept.size() - 1 - i].reason, KeepReason::kLast);
  }
}

// Whatever else there is to keep: each child here is the first of its error or of its path.
TEST(Sampler, SmallBudget_KeepsTheSlowestAtAnyMoment) {
  for (const size_t budget : {20u, 50u}) {
    Sampler sampler(budget);
    std::vector<std::pair<int64_t, uint64_t>> slowest;
    std::mt19937 random(5);
    for (uint64_t i = 0; i < 500; ++i) {
      const auto duration = static_cast<int64_t>(random() % 1'000'000);
      sampler.add({.index = i,
                   .duration_us = duration,
                   .error_group = static_cast<uint32_t>(i % 3 == 0 ? i : 0)},
                  i);
      slowest.emplace_back(-duration, i);
      std::ranges::sort(slowest);
      if (slowest.size() > 5) slowest.pop_back();
      for (const auto& [negative, index] : slowest) EXPECT_TRUE(sampler.keeps(index)) << i;
      EXPECT_LE(sampler.size(), budget);
    }
  }
}

TEST(Sampler, MorePathsThanItTellsApart_KeepTheirCounts) {
  Sampler sampler(100);
  constexpr uint64_t kChildren = 3 * Sampler::kPathsMax;
  for (uint64_t i = 0; i < kChildren; ++i) {
    sampler.add({.index = i, .duration_us = 1'000}, i + 1);
    ASSERT_LE(sampler.size(), 100u);
  }
  EXPECT_EQ(sampler.count(), kChildren);
}

TEST(Sampler, BudgetOfEverything_KeepsEverythingWithWeightOne) {
  const auto children = rare_children(5'000, 4);
  Sampler sampler(5'000);
  for (const auto& [row, path] : children) EXPECT_TRUE(sampler.add(row, path).empty());
  for (const Kept& one : sampler.kept()) EXPECT_DOUBLE_EQ(one.weight, 1);
}

}  // namespace
}  // namespace weft::columns

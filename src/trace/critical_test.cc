#include "trace/critical.h"

#include <algorithm>
#include <random>
#include <tuple>

#include <gtest/gtest.h>

namespace weft::trace {
namespace {

Span span(uint16_t depth, int64_t start, int64_t end) {
  return {.depth = depth, .start_us = start, .duration_us = end - start};
}

TEST(CriticalPath, OfBranchesTheOneThatEndsLastCounts) {
  const std::vector<Span> spans = {span(0, 0, 100), span(1, 5, 60),  span(1, 5, 90),
                                   span(2, 10, 70), span(2, 72, 90), span(1, 95, 100)};
  const std::vector<CriticalPart> expected = {{0, 0, 5},   {2, 5, 10},  {3, 10, 70}, {2, 70, 72},
                                              {4, 72, 90}, {0, 90, 95}, {5, 95, 100}};
  EXPECT_EQ(critical_path(spans), expected);
}

TEST(CriticalPath, ChildrenThatReachBeyondTheirParentAreCut) {
  const std::vector<Span> spans = {span(0, 10, 50), span(1, 0, 30), span(1, 40, 90)};
  const std::vector<CriticalPart> expected = {{1, 10, 30}, {0, 30, 40}, {2, 40, 50}};
  EXPECT_EQ(critical_path(spans), expected);
}

TEST(CriticalPath, OfNothingIsNothing) {
  EXPECT_TRUE(critical_path({}).empty());
  EXPECT_TRUE(critical_path({span(0, 7, 7)}).empty());
}

// Moment by moment: which child of `at` is critical in [from, to) ends last before `to`.
void brute(const std::vector<Span>& spans, size_t at, int64_t from, int64_t to,  // NOLINT
           std::vector<size_t>& owner) {
  while (from < to) {
    size_t best = 0;
    for (size_t i = at + 1; i < spans.size() && spans[i].depth > spans[at].depth; ++i) {
      if (spans[i].depth != spans[at].depth + 1) continue;
      const int64_t end = std::min(spans[i].end_us(), to);
      if (std::max(spans[i].start_us, from) >= end) continue;
      const auto rank = [&](size_t one) {
        return std::tuple(spans[one].end_us(), -spans[one].start_us, -static_cast<int64_t>(one));
      };
      if (best == 0 || rank(i) > rank(best)) best = i;
    }
    if (best == 0 || std::min(spans[best].end_us(), to) < to) {
      owner[static_cast<size_t>(--to)] = at;
      continue;
    }
    const int64_t start = std::max(spans[best].start_us, from);
    brute(spans, best, start, to, owner);
    to = start;
  }
}

TEST(CriticalPath, IsWhatOneFindsMomentByMoment) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 500; ++round) {
    std::vector<Span> spans = {span(0, 0, 60)};
    const size_t count = random() % 12;
    for (size_t i = 0; i < count; ++i) {
      const auto depth = static_cast<uint16_t>(1 + random() % (spans.back().depth + 1u));
      const auto start = static_cast<int64_t>(random() % 60);
      spans.push_back(span(depth, start, start + static_cast<int64_t>(random() % 30)));
    }
    std::vector<size_t> owner(60, 0);
    brute(spans, 0, 0, 60, owner);
    int64_t at = 0;
    for (const CriticalPart& part : critical_path(spans)) {
      EXPECT_EQ(part.start_us, at);
      for (; at < part.end_us; ++at) EXPECT_EQ(part.span, owner[static_cast<size_t>(at)]) << at;
    }
    EXPECT_EQ(at, 60);
  }
}

}  // namespace
}  // namespace weft::trace

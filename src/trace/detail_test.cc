#include "trace/detail.h"

#include <gtest/gtest.h>

namespace weft::trace {
namespace {

TEST(DetailChoice, Sentence_CountsTheReasonsStrongestFirst) {
  DetailChoice choice{.budget = 5, .total = 100'000, .kept = 5};
  for (uint64_t i = 0; i < 3; ++i) choice.children.push_back({i, "random", 20'000});
  choice.children.push_back({7, "error_group", 1});
  choice.children.push_back({9, "slow", 1});
  EXPECT_EQ(sentence_of(choice), "detail kept for 5 of 100,000 children: 1 error, 1 slow, 3 drawn");
  EXPECT_EQ(sentence_of({.budget = 5, .total = 3, .kept = 3}), "detail kept for all 3 children");
}

TEST(DetailChoice, Dropped_AreThoseThatWereNotKept) {
  const DetailChoice choice{.budget = 1, .total = 2, .kept = 1, .children = {{4, "first", 2}}};
  EXPECT_TRUE(choice.dropped(3));
  EXPECT_FALSE(choice.dropped(4));
  EXPECT_EQ(choice.find(4)->weight, 2);
  const DetailChoice all{.total = 2, .kept = 2};
  EXPECT_FALSE(all.dropped(3));
}

}  // namespace
}  // namespace weft::trace

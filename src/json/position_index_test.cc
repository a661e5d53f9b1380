#include "json/position_index.h"

#include <gtest/gtest.h>

namespace weft::json {
namespace {

TEST(PositionIndex, Pointers_GiveLinesAndColumns) {
  const PositionIndex index("{\n  \"States\": {\"a/b\": [1, {\"x\": \"y\"}]},\n  \"n\": -1.5\n}");
  ASSERT_NE(index.find(""), nullptr);
  EXPECT_EQ(index.find("")->value.line, 1U);
  const auto* states = index.find("/States");
  ASSERT_NE(states, nullptr);
  EXPECT_EQ(states->key.line, 2U);
  EXPECT_EQ(states->key.column, 3U);
  EXPECT_EQ(states->value.column, 13U);
  const auto* item = index.find("/States/a~1b/1/x");
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->value.line, 2U);
  const auto* last = index.find("/n");
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->key.line, 3U);
  EXPECT_EQ(index.find("/nothing"), nullptr);
}

TEST(PositionIndex, Duplicates_AreTold_ButNotWhatIsInside) {
  const PositionIndex index(
      "{\"a\": {\"x\": 1},\n \"b\": [{\"y\": 1, \"y\": 2}],\n \"a\": {\"x\": 1}}");
  ASSERT_EQ(index.duplicates().size(), 2u);
  EXPECT_EQ(index.duplicates()[0].pointer, "/b/0");
  EXPECT_EQ(index.duplicates()[0].name, "y");
  EXPECT_EQ(index.duplicates()[0].key.column, 17u);
  EXPECT_EQ(index.duplicates()[1].pointer, "");
  EXPECT_EQ(index.duplicates()[1].name, "a");
  EXPECT_EQ(index.duplicates()[1].first.line, 1u);
  EXPECT_EQ(index.duplicates()[1].key.line, 3u);
}

}  // namespace
}  // namespace weft::json

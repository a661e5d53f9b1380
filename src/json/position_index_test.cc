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

}  // namespace
}  // namespace weft::json

#include "columns/differs.h"

#include <gtest/gtest.h>

#include "columns/order.h"
#include "columns/synthetic.h"

namespace weft::columns {
namespace {

const Difference* find(const Differences& differences, std::string_view attribute,
                       std::string_view value) {
  for (const Difference& one : differences.found) {
    if (one.attribute == attribute && one.value == value) return &one;
  }
  return nullptr;
}

TEST(Differs, SlowestOfARun_ShareTheSlowPrefix) {
  const Columns c = synthetic_columns(50'000, 9);
  const Rows slow = slowest(c, all_rows(c), 500);
  const Differences found = differs(c, slow, all_rows(c), {Field::kDuration}, 40);
  EXPECT_EQ(found.selected, 500u);
  EXPECT_EQ(found.base, 49'500u);
  ASSERT_FALSE(found.found.empty());
  const Difference* prefix = find(found, "key prefix", "part-7/");
  ASSERT_NE(prefix, nullptr);
  uint64_t selected = 0;
  for (const uint32_t row : slow) {
    selected += c.folder.text(row) == "part-7/" ? 1 : 0;
  }
  EXPECT_EQ(prefix->selected, selected);
  EXPECT_DOUBLE_EQ(prefix->selected_share, static_cast<double>(selected) / 500);
  EXPECT_GT(prefix->lift, 15);
  // Only what it follows from may tell more: the time inside the function.
  for (const Difference& one : found.found) {
    if (&one == prefix) break;
    EXPECT_EQ(one.attribute, "run time");
  }
}

TEST(Differs, ErrorBurst_SharesItsMinute) {
  const Columns c = synthetic_columns(200'000, 9);
  const Rows burst = select(c, *parse_filter("err:4711"));
  const Differences found = differs(c, burst, all_rows(c), {Field::kError, Field::kStatus}, 40);
  ASSERT_FALSE(found.found.empty());
  EXPECT_EQ(found.found.front().attribute, "start minute");
  for (const Difference& one : found.found) EXPECT_NE(one.attribute, "status");
}

TEST(Differs, RowsWithSeveralValues_ShareEachOfThem) {
  Columns c = synthetic_columns(200, 9);
  TextColumn& called = c.properties["function"];
  const uint32_t enrich = called.values.number("enrich");
  const uint32_t price = called.values.number("price");
  Rows selection;
  for (uint32_t row = 0; row < c.size(); ++row) {
    called.number.push_back(enrich);
    if (row < 20) {
      called.further.push_back(price);
      c.folder.further.push_back(c.folder.values.number("slow/deep/"));
      selection.push_back(row);
    }
    called.further_end.push_back(static_cast<uint32_t>(called.further.size()));
    c.folder.further_end.push_back(static_cast<uint32_t>(c.folder.further.size()));
  }
  const Differences found = differs(c, selection, all_rows(c), {}, 40);
  const Difference* function = find(found, "function", "price");
  ASSERT_NE(function, nullptr);
  EXPECT_EQ(function->selected, 20u);
  EXPECT_EQ(function->filter, "function:price");
  const Difference* prefix = find(found, "key prefix", "slow/deep/");
  ASSERT_NE(prefix, nullptr);
  EXPECT_EQ(prefix->others, 0u);
}

TEST(Differs, RandomSelection_SharesNothing) {
  const Columns c = synthetic_columns(20'000, 9);
  std::mt19937 random(5);
  Rows rows;
  for (uint32_t row = 0; row < c.size(); ++row) {
    if (random() % 97 == 0) rows.push_back(row);
  }
  const Differences found = differs(c, rows, all_rows(c), {}, 40);
  EXPECT_TRUE(found.found.empty()) << found.found.front().attribute << found.found.front().value;
}

TEST(Differs, EmptySelection_HasNoDifferences) {
  const Columns c = synthetic_columns(10, 9);
  EXPECT_TRUE(differs(c, {}, all_rows(c), {}, 40).found.empty());
  EXPECT_TRUE(differs(c, all_rows(c), all_rows(c), {}, 40).found.empty());
}

}  // namespace
}  // namespace weft::columns

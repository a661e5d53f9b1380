#include "reading/input_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/arena.h"
#include "json/parse.h"
#include "reading/compare.h"
#include "reading/nothing_chosen.h"
#include "reading/properties.h"

namespace weft::reading {
namespace {

std::string leaves_of(std::string_view text) {
  json::Arena arena;
  std::string all;
  visit_leaves(*json::parse(text, arena), [&](const std::string& path, const json::Value& value) {
    all += path + "=" + leaf_text(value) + ";";
  });
  return all;
}

TEST(InputPaths, ScalarsByPath_ArraysByTheirItems) {
  EXPECT_EQ(leaves_of(R"({"a":{"b":1,"c":[{"d":"x"},{"d":"y"}]},"e":true,"f":null,"g":[]})"),
            "a.b=1;a.c.d=x;a.c.d=y;e=true;");
  EXPECT_EQ(leaves_of(R"({"a.b":1})"), "");
  EXPECT_EQ(leaves_of(R"("x")"), "=x;");
}

TEST(InputPaths, ValueAt_FollowsWhatVisitLeavesNames) {
  json::Arena arena;
  const auto input = *json::parse(R"({"Items":[{"Key":"k"}],"n":[[5]]})", arena);
  EXPECT_EQ(leaf_text(value_at(input, "Items.Key")), "k");
  EXPECT_EQ(leaf_text(value_at(input, "n")), "5");
  EXPECT_TRUE(value_at(input, "Items.No").is_undefined());
  EXPECT_TRUE(value_at(input, "n.x").is_undefined());
  const auto batch = *json::parse(R"({"Items":[{"Key":"a"},{"No":1},{"Key":"b"}]})", arena);
  std::string keys;
  visit_at(batch, "Items.Key", [&](const json::Value& value) { keys += leaf_text(value) + ";"; });
  EXPECT_EQ(keys, "a;b;");
}

TEST(ItemText, OfABatch_NamesOneAndCountsTheOthers) {
  const std::string batch = R"({"Items":[{"Key":"x/a"},{"Key":"y/b"},{"Key":"y/c"}]})";
  EXPECT_EQ(item_text(batch, "Items.Key"), "x/a +2 more");
  EXPECT_EQ(item_text(batch, "Items.Key", *columns::parse_filter("key:y")), "y/b +2 more");
  EXPECT_EQ(item_text(batch, "Items.Key", *columns::parse_filter("key:y/c")), "y/c +2 more");
  EXPECT_EQ(item_text(R"({"Items":[{"Key":"x/a"}]})", "Items.Key"), "x/a");
  EXPECT_EQ(item_text(batch, ""), "");
}

std::vector<std::string> why(const columns::Columns& columns, std::string_view filter) {
  const columns::Filter typed = *columns::parse_filter(filter);
  return why_nothing(columns, typed, typed,
                     {.members = {"input.detail.object.Key", "input.region"}});
}

TEST(StableText, HasNothingThatEveryRunMakesAnew) {
  EXPECT_EQ(stable_text("RequestId: 5ab8d388-77b5-4a2f-b20a-3c0777484479 Error: x at "
                        "2026-01-31T08:00:00.123Z, 1700000000123 and 17000000001234"),
            "RequestId: <id> Error: x at <time>, <time> and 17000000001234");
  EXPECT_EQ(stable_text("root=1-5ab8d388-77b54a2fb20a3c0777484479; Sat, 31 Jan 2026 08:00:00 GMT"),
            "root=<trace id>; <time>");
  EXPECT_EQ(stable_text("order-0096 12"), "order-0096 12");
}

TEST(NothingChosen, SaysWhatWasMeantOrWhatThereIs) {
  using testing::ElementsAre;
  columns::Columns c;
  for (uint64_t index = 0; index < 2; ++index) {
    c.append({.index = index});
    c.folder.number.push_back(c.folder.values.number("2026/us-east/batch-legacy/"));
    c.key_hash.push_back(index + 1);
  }
  for (const auto& [name, value] : {std::pair{"function", "price"}, {"input.region", "eu"}}) {
    columns::TextColumn& column = c.properties[name];
    const uint32_t number = column.values.number(value);
    column.number = {number, number};
  }
  columns::TextColumn& none = c.properties["input.detail.object.key"];
  none.number = {none.values.number(""), none.values.number("")};
  EXPECT_THAT(why(c, "key:us-east"),
              ElementsAre("No item's key is \"us-east\" or begins with these "
                          "segments. Did you mean key:2026/us-east/?"));
  EXPECT_THAT(why(c, "key:/2026"), ElementsAre(testing::HasSubstr("Did you mean key:2026/?")));
  EXPECT_THAT(why(c, "key:2026/us-east/batch-"),
              ElementsAre(testing::HasSubstr("key:2026/us-east/batch-legacy/?")));
  EXPECT_THAT(why(c, "key:2027/"), ElementsAre(testing::HasSubstr("they begin with 2026/")));
  EXPECT_THAT(why(c, "function:prise"),
              ElementsAre("No child has this value of function. Did you mean function:price?"));
  EXPECT_THAT(why(c, "function:nope"), ElementsAre("No child has this value of function: there are "
                                                   "price"));
  EXPECT_THAT(why(c, "input.detail.object.key:x retry:0"),
              ElementsAre("No child has input.detail.object.key. Did you mean "
                          "input.detail.object.Key?"));
  EXPECT_THAT(why(c, "retry:>5"),
              ElementsAre("No child fulfils the condition \"retry:>5\": all have 0"));
}

TEST(KeyPath, IsWhereverTheItemSelectorPutIt) {
  EXPECT_EQ(find_key_path({R"({"Key":"a/b"})"}), "Key");
  EXPECT_EQ(find_key_path({R"({"BatchInput":"x","Items":[{"Key":"a"}]})"}), "Items.Key");
  EXPECT_EQ(find_key_path({R"({"file":{"path":"a/1.txt"},"kind":"photo/raw"})",
                           R"({"file":{"path":"a/2.txt"},"kind":"photo/raw"})"}),
            "file.path");
  EXPECT_EQ(find_key_path({R"({"n":1})", R"({"n":2})"}), "");
  EXPECT_EQ(find_key_path({}), "");
  EXPECT_EQ(find_key_path({"no json"}), "");
}

}  // namespace
}  // namespace weft::reading

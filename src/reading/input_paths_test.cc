#include "reading/input_paths.h"

#include <gtest/gtest.h>

#include "json/arena.h"
#include "json/parse.h"

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

TEST(InputPaths, ScalarsByPath_ArraysByTheirFirstItem) {
  EXPECT_EQ(leaves_of(R"({"a":{"b":1,"c":[{"d":"x"},{"d":"y"}]},"e":true,"f":null,"g":[]})"),
            "a.b=1;a.c.d=x;e=true;");
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

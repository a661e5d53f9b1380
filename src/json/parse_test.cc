#include "json/parse.h"

#include <gtest/gtest.h>

#include "json/write.h"

namespace weft::json {
namespace {

std::string again(std::string_view text) {
  Arena arena;
  const auto value = parse(text, arena);
  return value ? to_text(*value) : value.error().message;
}

TEST(Parse, Documents_RoundTrip) {
  for (const std::string text :
       {"null", "true", "[]", "{}", "[1,-2,0.5,1e+21,9223372036854775807,-9223372036854775808]",
        R"({"a":{"b":[{"c":"d"},{"c":"e"},{"c":1,"d":2}]},"":""})",
        R"("\ud800 \u0001 \n \" é 😀")"}) {
    EXPECT_EQ(again(text), text);
  }
}

TEST(Parse, Whitespace_Skipped) {
  EXPECT_EQ(again(" \t\r\n{ \"a\" : [ 1 , 2 ] } \n"), R"({"a":[1,2]})");
}

TEST(Parse, Numbers_KeepDigitsOrBecomeDoubles) {
  EXPECT_EQ(again("[12345678901234567890, 1.10, 1E2, -0, 1e-400]"),
            "[12345678901234567000,1.1,100,0,0]");
}

TEST(Parse, DuplicateNames_LastWinsInFirstPlace) {
  EXPECT_EQ(again(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  std::string many = "{";
  for (int i = 0; i < 40; ++i)
    many += "\"k" + std::to_string(i % 20) + "\":" + std::to_string(i) + ",";
  many.back() = '}';
  Arena arena;
  const Value value = *parse(many, arena);
  EXPECT_EQ(value.size(), 20U);
  EXPECT_EQ(value.find("k3").as_int(), 23);
}

TEST(Parse, AlikeObjects_ShareTheirShape) {
  Arena arena;
  const Value value = *parse(R"([{"a":1,"b":2},{"a":3,"b":4},{"a":5}])", arena);
  EXPECT_EQ(value.item(0).object_data()->shape, value.item(1).object_data()->shape);
  EXPECT_NE(value.item(0).object_data()->shape, value.item(2).object_data()->shape);
  EXPECT_EQ(value.item(2).size(), 1U);
}

TEST(Parse, SurrogatePair_OneCharacter) {
  Arena arena;
  EXPECT_EQ(parse(R"("\ud83d\ude00")", arena)->as_string(), "😀");
}

TEST(Parse, BadTexts_NameThePlace) {
  EXPECT_EQ(again("{\n  \"a\": 1,\n}"),
            "unexpected '}', expected a member name in quotes at line 3, column 1");
  EXPECT_EQ(again(""), "unexpected end of text, expected a value at line 1, column 1");
  EXPECT_EQ(again("[1,]"), "unexpected ']', expected a value at line 1, column 4");
  EXPECT_EQ(again("01"), "a number must not have leading zeros at line 1, column 2");
  EXPECT_EQ(again("1e999"), "number out of range at line 1, column 1");
  EXPECT_EQ(again("true false"), "unexpected text after the value at line 1, column 6");
  EXPECT_EQ(again("\"\x80\""), "invalid UTF-8 in a string at line 1, column 2");
  EXPECT_EQ(again("\"\xED\xA0\x80\""), "invalid UTF-8 in a string at line 1, column 2");
  EXPECT_NE(again("[\"\x01\"]").find("control character"), std::string::npos);
  for (const std::string text : {"[", "{", "\"", "{\"a\"", "{\"a\":", "-", "1.", "1e", "nul", "'a'",
                                 "[1 2]", "\"\\x\"", "\"\\u12g4\"", "+1", ".5", "/**/1"}) {
    Arena arena;
    EXPECT_FALSE(parse(text, arena)) << text;
  }
}

TEST(Parse, Nesting_Limited) {
  Arena arena;
  EXPECT_TRUE(parse(std::string(200, '[') + std::string(200, ']'), arena));
  EXPECT_FALSE(parse(std::string(201, '[') + std::string(201, ']'), arena));
}

}  // namespace
}  // namespace weft::json

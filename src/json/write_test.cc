#include "json/write.h"

#include <cmath>

#include <gtest/gtest.h>

#include "json/parse.h"

namespace weft::json {
namespace {

std::string number_text(double number) {
  std::string out;
  write_number(number, out);
  return out;
}

TEST(WriteNumber, Doubles_PrintAsJavaScriptDoes) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(1), "1");
  EXPECT_EQ(number_text(-1.5), "-1.5");
  EXPECT_EQ(number_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(number_text(1e20), "100000000000000000000");
  EXPECT_EQ(number_text(1e21), "1e+21");
  EXPECT_EQ(number_text(1.5e300), "1.5e+300");
  EXPECT_EQ(number_text(9223372036854775808.0), "9223372036854776000");
  EXPECT_EQ(number_text(0.000001), "0.000001");
  EXPECT_EQ(number_text(0.0000001), "1e-7");
  EXPECT_EQ(number_text(1.25e-10), "1.25e-10");
  EXPECT_EQ(number_text(123456.789), "123456.789");
  EXPECT_EQ(number_text(5e-324), "5e-324");
  EXPECT_EQ(number_text(NAN), "null");
}

TEST(Write, NumbersThatAreNotFinite_TheirNamesAsText) {
  const Value items[] = {Value::number(INFINITY), Value::number(-INFINITY), Value::number(NAN)};
  EXPECT_EQ(to_text(Value::array(items, 3)), R"(["Infinity","-Infinity","NaN"])");
}

TEST(Write, UndefinedMembersAndFunctions_AsInJsonStringify) {
  Arena arena;
  const Key keys[] = {{"a", 1, hash_key("a")}, {"f", 1, hash_key("f")}};
  Value members[] = {Value(), Value::function(&keys)};
  EXPECT_EQ(to_text(Value::object(Shape::make(keys, 2, arena), members, arena)), R"({"f":""})");
  const Value items[] = {Value(), Value::null()};
  EXPECT_EQ(to_text(Value::array(items, 2)), "[null,null]");
}

TEST(WritePretty, Nested_TwoSpaces) {
  Arena arena;
  std::string out;
  write_pretty(*parse(R"({"a":[1,{}],"b":[]})", arena), out);
  EXPECT_EQ(out, "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

}  // namespace
}  // namespace weft::json

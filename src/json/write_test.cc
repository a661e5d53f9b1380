#include "json/write.h"

#include <cmath>

#include <gtest/gtest.h>

#include "json/exact.h"
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

// A value of 2^levels numbers in a few kilobytes: every object holds the one before it twice.
Value shared_parts(int levels, Arena& arena) {
  static const Key keys[] = {{"l", 1, hash_key("l")}, {"r", 1, hash_key("r")}};
  const Shape* shape = Shape::make(keys, 2, arena);
  Value value = Value::integer(0);
  for (int i = 0; i < levels; ++i) {
    auto* both = arena.allocate_array<Value>(2);
    both[0] = both[1] = value;
    value = Value::object(shape, both, arena);
  }
  return value;
}

TEST(WriteBounds, TextBeyondThem_IsCutSoon) {
  Arena arena;
  const std::string text = to_text(shared_parts(20, arena), {.bytes_max = 1'000});
  EXPECT_GT(text.size(), 1'000U);
  EXPECT_LT(text.size(), 2'000U);
  EXPECT_EQ(to_exact_text(shared_parts(20, arena), {.bytes_max = 1'000}), text);
}

TEST(WriteBounds, TextOfExactlyThem_IsWhole) {
  Arena arena;
  const Value value = *parse("[1,[2,{\"a\":3}]]", arena);
  const std::string whole = to_text(value);
  EXPECT_EQ(to_text(value, {.bytes_max = whole.size()}), whole);
  std::string behind = "xyz";
  write(value, behind, {.bytes_max = whole.size()});
  EXPECT_EQ(behind, "xyz" + whole);
}

int looks = 0;
int64_t counting_clock() { return ++looks; }

TEST(WriteBounds, Clock_IsLookedAtEvery64KiB) {
  Arena arena;
  looks = 0;
  const size_t bytes = to_text(shared_parts(16, arena), {.clock = counting_clock}).size();
  EXPECT_GT(bytes, 640U * 1'024);
  EXPECT_NEAR(looks, static_cast<double>(bytes) / (64 * 1'024), 1);
}

TEST(WritePretty, Nested_TwoSpaces) {
  Arena arena;
  std::string out;
  write_pretty(*parse(R"({"a":[1,{}],"b":[]})", arena), out);
  EXPECT_EQ(out, "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

}  // namespace
}  // namespace weft::json

#include <gtest/gtest.h>

#include "json/build.h"
#include "json/equal.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::json {
namespace {

TEST(Arena, CapCrossed_FlagStaysUntilReset) {
  Arena arena(1000);
  EXPECT_TRUE(arena.fits(1000));
  arena.allocate(900);
  EXPECT_FALSE(arena.over_limit());
  EXPECT_FALSE(arena.fits(200));
  EXPECT_TRUE(arena.over_limit());
  arena.reset();
  EXPECT_FALSE(arena.over_limit());
  EXPECT_EQ(arena.bytes_used(), 0U);
}

TEST(Arena, Rewind_GivesBackBlocks) {
  Arena arena;
  arena.allocate(100);
  const Arena::Mark mark = arena.mark();
  const size_t used = arena.bytes_used();
  for (int i = 0; i < 100; ++i) arena.allocate(10'000);
  arena.rewind(mark);
  EXPECT_EQ(arena.bytes_used(), used);
}

TEST(ArrayBuilder, ManyItems_KeepTheirOrder) {
  Arena arena;
  ArrayBuilder builder(arena);
  for (int i = 0; i < 1000; ++i) {
    builder.push(Value::integer(i));
    if (i % 7 == 0) arena.allocate(24);
  }
  const Value array = builder.finish();
  ASSERT_EQ(array.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(array.item(i).as_int(), i);
}

TEST(ObjectBuilder, SameName_OverwritesInPlace) {
  Arena arena;
  ObjectBuilder builder(arena);
  builder.add("a", Value::integer(1));
  builder.add("b", Value::integer(2));
  builder.add("a", Value::integer(3));
  EXPECT_EQ(to_text(builder.finish()), R"({"a":3,"b":2})");
}

// UBSan watches: an empty name may have no address at all.
TEST(ObjectBuilder, EmptyName_IsAName) {
  Arena arena;
  ObjectBuilder builder(arena);
  builder.add_ref(std::string_view(), Value::integer(1));
  builder.add_ref("a", Value::integer(2));
  builder.add_ref(std::string_view(), Value::integer(3));
  const Value object = builder.finish();
  EXPECT_EQ(object.size(), 2u);
  EXPECT_EQ(object.find("").as_int(), 3);
}

TEST(ObjectBuilder, ManyNames_AllFound) {
  Arena arena;
  ObjectBuilder builder(arena);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 300; ++i)
      builder.add("name" + std::to_string(i), Value::integer(i + round));
  }
  const Value object = builder.finish();
  ASSERT_EQ(object.size(), 300U);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(object.find("name" + std::to_string(i)).as_int(), i + 1);
  EXPECT_TRUE(object.find("name300").is_undefined());
}

TEST(Equal, NestedValues_ComparedByContent) {
  Arena arena;
  const Value a = *parse(R"({"x":[1,{"y":null}],"z":"t"})", arena);
  const Value b = *parse(R"({"z":"t","x":[1.0,{"y":null}]})", arena);
  const Value c = *parse(R"({"z":"t","x":[1.0,{"y":false}]})", arena);
  EXPECT_TRUE(equal(a, b));
  EXPECT_FALSE(equal(a, c));
}

}  // namespace
}  // namespace weft::json

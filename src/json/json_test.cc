#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "json/build.h"
#include "json/equal.h"
#include "json/name_hash.h"
#include "json/parse.h"
#include "json/utf8.h"
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

// Sets a seed, and gives back the one before at its end.
class SeedGuard {
 public:
  explicit SeedGuard(NameSeed seed) : before_(name_seed) { name_seed = seed; }
  ~SeedGuard() { name_seed = before_; }
  SeedGuard(const SeedGuard&) = delete;
  SeedGuard& operator=(const SeedGuard&) = delete;

 private:
  const NameSeed before_;
};

std::string bytes_of(uint64_t word) { return {reinterpret_cast<const char*>(&word), 8}; }

constexpr NameSeed kOne{0x6a09e667f3bcc908, 0xbb67ae8584caa73b};
constexpr NameSeed kOther{0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1};

TEST(NameHash, NamesCraftedForOneSeed_SpreadUnderAnother) {
  std::set<uint32_t> same;
  std::set<uint32_t> spread;
  for (uint64_t i = 0; i < 1'000; ++i) {
    const std::string name = bytes_of(kOne.first) + bytes_of(i * 0x9e3779b97f4a7c15);
    {
      const SeedGuard guard(kOne);
      same.insert(hash_key(name));
    }
    const SeedGuard guard(kOther);
    spread.insert(hash_key(name));
  }
  EXPECT_EQ(same.size(), 1u);
  EXPECT_GT(spread.size(), 995u);
}

// Words whose differences cancel each other out whatever was before them, as with multiplications
// that lose what runs over.
TEST(NameHash, DifferencesInTheMiddle_DoNotCancelOut) {
  constexpr uint64_t kTop = uint64_t{1} << 63;
  std::set<uint32_t> places;
  for (uint32_t bits = 0; bits < 1'024; ++bits) {
    std::string name = "beginning";
    name.resize(8);
    for (uint32_t bit = 0; bit < 10; ++bit) {
      const bool flipped = ((bits >> bit) & 1) != 0;
      name += bytes_of(0x6161616161616161 ^ (flipped ? kTop : 0));
      name += bytes_of(0x6262626262626262 ^ (flipped ? kTop ^ (kTop >> 32) : 0));
    }
    name += "the end.";
    places.insert(table_hash(name, hash_key(name)));
  }
  EXPECT_GT(places.size(), 1'019u);
}

TEST(NameHash, UsualNames_SpreadOverTables) {
  for (const NameSeed seed : {name_seed, kOne, kOther}) {
    const SeedGuard guard(seed);
    for (const char* form : {"{}", "item{}", "order-{:05}", "order-{:05}-of-the-europe-shop"}) {
      std::vector<uint32_t> buckets(1'024);
      for (int i = 0; i < 1'024; ++i) {
        const std::string name = fmt::format(fmt::runtime(form), i);
        ++buckets[table_hash(name, hash_key(name)) % buckets.size()];
      }
      // Thrown at random 1,024 names leave about 377 of as many places empty, and hardly ever 9
      // meet.
      EXPECT_LT(std::ranges::count(buckets, 0u), 450) << form;
      EXPECT_LT(std::ranges::max(buckets), 12u) << form;
    }
  }
}

TEST(NameHash, Seed_ChangesNoResult) {
  std::string text = "{";
  for (int i = 0; i < 500; ++i) {
    text += fmt::format(R"("name-{}":{},"a rather long name, number {}":{},)", i % 400, i, i, i);
  }
  text.back() = '}';
  std::set<std::string> results;
  for (const NameSeed seed : {name_seed, kOne, kOther}) {
    const SeedGuard guard(seed);
    Arena arena;
    const auto value = parse(text, arena);
    ASSERT_TRUE(value);
    ObjectBuilder builder(arena);
    for (uint32_t i = 0; i < value->size(); ++i) builder.add(value->key(i), value->member(i));
    builder.add("name-7", value->find("a rather long name, number 499"));
    results.insert(to_text(builder.finish()));
  }
  EXPECT_EQ(results.size(), 1u);
  EXPECT_NE(results.begin()->find(R"("name-7":499)"), std::string::npos);
}

TEST(Utf16, UnitsAndBytes_OfEveryLength) {
  const std::string text = "aé€😀b";  // 1, 2, 3, 4 and 1 bytes
  EXPECT_EQ(utf16_length(""), 0u);
  EXPECT_EQ(utf16_length(text), 6u);
  EXPECT_EQ(utf16_to_bytes(text, 0), 0u);
  EXPECT_EQ(utf16_to_bytes(text, 2), 3u);
  EXPECT_EQ(utf16_to_bytes(text, 3), 6u);
  EXPECT_EQ(utf16_to_bytes(text, 4), 10u) << "within a character: behind it";
  EXPECT_EQ(utf16_to_bytes(text, 5), 10u);
  EXPECT_EQ(utf16_to_bytes(text, 99), text.size());
  EXPECT_EQ(utf16_to_bytes(std::string_view(text).substr(0, 8), 99), 8u) << "cut in a character";
}

TEST(Utf16, Order_PutsSurrogatesBeforeTheLastOfTheBasicPlane) {
  const std::array<std::string, 7> ordered = {"", "a", "ab", "é", "\uD7FF", "😀", "\uFF01"};
  for (size_t a = 0; a < ordered.size(); ++a) {
    for (size_t b = 0; b < ordered.size(); ++b) {
      const int order = compare_utf16(ordered[a], ordered[b]);
      EXPECT_EQ(order < 0, a < b) << ordered[a] << " " << ordered[b];
      EXPECT_EQ(order > 0, a > b) << ordered[a] << " " << ordered[b];
    }
  }
}

}  // namespace
}  // namespace weft::json

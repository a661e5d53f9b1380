#include "store/paged.h"

#include <gtest/gtest.h>

namespace weft::store {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

class PagedTest : public testing::Test {
 protected:
  void SetUp() override {
    Batch batch;
    for (int i = 0; i < 300; ++i) {
      std::string key;
      append_u64(key, static_cast<uint64_t>(i) * 7);
      batch.put(Family::kTurn, key, std::string(static_cast<size_t>(i) * 10, 'v'));
      batch.put(Family::kSpan, std::move(key), "");
    }
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  static Entries scanned(const Store& store, Family family, std::string_view from,
                         std::string_view to, bool reverse, size_t most = SIZE_MAX) {
    Entries found;
    EXPECT_TRUE(store.scan(family, from, to, reverse, [&](auto key, auto value) {
      found.emplace_back(key, value);
      return found.size() < most;
    }));
    return found;
  }
  static std::string key(uint64_t number) {
    std::string text;
    append_u64(text, number);
    return text;
  }

  std::unique_ptr<Store> store_ = open_memory();
  size_t pages_ = 0;
  std::unique_ptr<Store> paged_ = open_paged([this](const PageQuestion& question) {
    ++pages_;
    return read_page(*store_, question);
  });
};

TEST_F(PagedTest, Scans_GiveWhatTheStoreGives) {
  for (const Family family : {Family::kTurn, Family::kSpan, Family::kRow}) {
    for (const bool reverse : {false, true}) {
      for (const auto& [from, to] :
           {std::pair{key(0), key(1'000)}, {key(300), std::string()}, {std::string(), key(8)}}) {
        EXPECT_EQ(scanned(*paged_, family, from, to, reverse),
                  scanned(*store_, family, from, to, reverse));
        EXPECT_EQ(scanned(*paged_, family, from, to, reverse, 3),
                  scanned(*store_, family, from, to, reverse, 3));
      }
    }
  }
  pages_ = 0;
  EXPECT_EQ(scanned(*paged_, Family::kTurn, "", "", false).size(), 300u);
  EXPECT_GT(pages_, 2u);
}

TEST_F(PagedTest, ManyShortRanges_AreReadAhead) {
  Batch batch;
  for (uint64_t i = 0; i < 5'000; ++i) {
    batch.put(Family::kSpan, key(10'000 + i) + key(1), std::string(50, 'a'));
    if (i % 3 == 0) batch.put(Family::kSpan, key(10'000 + i) + key(2), std::string(i % 90, 'b'));
  }
  ASSERT_TRUE(store_->commit(std::move(batch)));
  pages_ = 0;
  const auto same = [&](uint64_t i) {
    return scanned(*paged_, Family::kSpan, key(i), key(i + 1), false) ==
           scanned(*store_, Family::kSpan, key(i), key(i + 1), false);
  };
  for (uint64_t i = 9'990; i < 15'010; ++i) EXPECT_TRUE(same(i)) << i;
  EXPECT_LT(pages_, 20u);
  for (uint64_t i = 15'000; i > 9'000; i -= 7) EXPECT_TRUE(same(i)) << i;
}

TEST_F(PagedTest, Get_FindsValuesAndTheirAbsence) {
  EXPECT_EQ(**paged_->get(Family::kTurn, key(70)), std::string(100, 'v'));
  EXPECT_EQ(**paged_->get(Family::kSpan, key(70)), "");
  EXPECT_EQ(*paged_->get(Family::kTurn, key(71)), std::nullopt);
  EXPECT_FALSE(paged_->commit({}));
}

TEST_F(PagedTest, DamagedPages_AreErrors) {
  const std::string page =
      *read_page(*store_, {.family = Family::kTurn, .from = {}, .to = {}, .bytes = 500});
  for (size_t size = 0; size < page.size(); ++size) {
    const auto cut = open_paged([&](const PageQuestion& question) -> base::Result<std::string> {
      if (!question.from.empty()) return std::string(1, '\0');
      return page.substr(0, size);
    });
    size_t entries = 0;
    const auto read =
        cut->scan(Family::kTurn, "", "", false, [&](auto, auto) { return ++entries > 0; });
    EXPECT_TRUE(!read || size > 1) << size;
  }
}

TEST_F(PagedTest, PagesThatLeadNowhere_AreErrors) {
  std::string page =
      *read_page(*store_, {.family = Family::kTurn, .from = {}, .to = {}, .bytes = 500});
  page.front() = 1;
  for (const bool reverse : {false, true}) {
    size_t fetched = 0;
    const auto again = open_paged([&](const PageQuestion&) -> base::Result<std::string> {
      if (++fetched > 10) return std::string(1, '\0');
      return page;
    });
    EXPECT_FALSE(again->scan(Family::kTurn, "", "", reverse, [](auto, auto) { return true; }));
    EXPECT_LE(fetched, 2u);
  }
}

TEST(Paged, FamiliesHaveNames) {
  for (size_t i = 0; i < kFamilyCount; ++i) {
    EXPECT_EQ(family_of(to_string(static_cast<Family>(i))), static_cast<Family>(i));
  }
  EXPECT_EQ(family_of("none"), std::nullopt);
}

}  // namespace
}  // namespace weft::store

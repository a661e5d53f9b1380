#include "store/store.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

// What every implementation of the port must do.

namespace weft::store {
namespace {

class StoreCase : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      std::string pattern = testing::TempDir() + "weft-store-XXXXXX";
      directory_ = mkdtemp(pattern.data());
      auto opened = open_rocksdb({.directory = directory_, .durability = Durability::kOs});
      ASSERT_TRUE(opened) << opened.error().message;
      store_ = std::move(*opened);
    } else {
      store_ = open_memory();
    }
  }
  void TearDown() override {
    store_.reset();
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  std::string keys(Family family, std::string_view from, std::string_view to, bool reverse,
                   size_t limit = 100) {
    std::string joined;
    auto done =
        store_->scan(family, from, to, reverse, [&](std::string_view key, std::string_view) {
          joined += std::string(key) + " ";
          return --limit > 0;
        });
    EXPECT_TRUE(done);
    return joined;
  }

  void put(std::initializer_list<const char*> keys_to_put) {
    Batch batch;
    for (const char* key : keys_to_put) batch.put(Family::kTurn, key, std::string("v") + key);
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }

  std::string directory_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreCase, CommittedWrites_AreReadPerFamily) {
  Batch batch;
  batch.put(Family::kTurn, "k", "turn");
  batch.put(Family::kRow, "k", std::string("\0x", 2));
  ASSERT_TRUE(store_->commit(std::move(batch)));
  EXPECT_EQ(store_->get(Family::kTurn, "k")->value(), "turn");
  EXPECT_EQ(store_->get(Family::kRow, "k")->value(), std::string("\0x", 2));
  EXPECT_FALSE(store_->get(Family::kSlice, "k")->has_value());
}

TEST_P(StoreCase, WritesOfOneBatch_ApplyInOrder) {
  Batch batch;
  batch.put(Family::kTurn, "a", "1");
  batch.put(Family::kTurn, "a", "2");
  batch.put(Family::kTurn, "b", "1");
  batch.remove(Family::kTurn, "b");
  batch.remove(Family::kTurn, "never there");
  ASSERT_TRUE(store_->commit(std::move(batch)));
  EXPECT_EQ(store_->get(Family::kTurn, "a")->value(), "2");
  EXPECT_FALSE(store_->get(Family::kTurn, "b")->has_value());
}

TEST_P(StoreCase, Scan_ReturnsHalfOpenRangeBothWays) {
  put({"a", "b", "c", "d"});
  EXPECT_EQ(keys(Family::kTurn, "", "", false), "a b c d ");
  EXPECT_EQ(keys(Family::kTurn, "b", "d", false), "b c ");
  EXPECT_EQ(keys(Family::kTurn, "bb", "", false), "c d ");
  EXPECT_EQ(keys(Family::kTurn, "", "", true), "d c b a ");
  EXPECT_EQ(keys(Family::kTurn, "b", "d", true), "c b ");
  EXPECT_EQ(keys(Family::kTurn, "", "cc", true), "c b a ");
  EXPECT_EQ(keys(Family::kTurn, "x", "", true), "");
  EXPECT_EQ(keys(Family::kTurn, "c", "c", false), "");
}

TEST_P(StoreCase, Scan_StopsWhenTheVisitorSaysSo) {
  put({"a", "b", "c"});
  EXPECT_EQ(keys(Family::kTurn, "", "", false, 2), "a b ");
  EXPECT_EQ(keys(Family::kTurn, "", "", true, 1), "c ");
}

TEST_P(StoreCase, Visitor_MayReadTheStore) {
  put({"a", "b"});
  std::string values;
  ASSERT_TRUE(
      store_->scan(Family::kTurn, "", "", false, [&](std::string_view key, std::string_view) {
        values += store_->get(Family::kTurn, key)->value();
        return true;
      }));
  EXPECT_EQ(values, "vavb");
}

TEST_P(StoreCase, BigEndianKeys_SortAsNumbers) {
  Batch batch;
  for (uint64_t n : {uint64_t{256}, uint64_t{1}, uint64_t{1} << 40, uint64_t{255}}) {
    std::string key;
    append_u64(key, n);
    append_u32(key, 7);
    batch.put(Family::kTurn, key, "");
  }
  ASSERT_TRUE(store_->commit(std::move(batch)));
  std::vector<uint64_t> order;
  ASSERT_TRUE(
      store_->scan(Family::kTurn, "", "", false, [&](std::string_view key, std::string_view) {
        order.push_back(*read_u64(key, 0));
        EXPECT_EQ(read_u32(key, 8), 7u);
        return true;
      }));
  EXPECT_EQ(order, (std::vector<uint64_t>{1, 255, 256, uint64_t{1} << 40}));
}

TEST_P(StoreCase, ScanChecked_EndsWithTheVisitorsError) {
  Batch batch;
  for (const char* key : {"a", "b", "c"}) batch.put(Family::kTurn, key, "");
  ASSERT_TRUE(store_->commit(std::move(batch)));
  std::string seen;
  const auto scanned =
      scan_checked(*store_, Family::kTurn, "", "", false,
                   [&](std::string_view key, std::string_view) -> base::Result<bool> {
                     seen += key;
                     if (key == "b") return base::fail(base::ErrorCode::kStorage, "b is damaged");
                     return true;
                   });
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().message, "b is damaged");
  EXPECT_EQ(seen, "ab");
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreCase, testing::Values(false, true),
                         [](const auto& use) { return use.param ? "Rocksdb" : "Memory"; });

TEST(KeyNumbers, BytesThatEndBefore_HoldNone) {
  const std::string key(12, '\1');
  EXPECT_EQ(read_u64(key, 4), 0x0101010101010101u);
  for (const size_t offset : {size_t{5}, size_t{11}, size_t{12}, size_t{13}, SIZE_MAX}) {
    EXPECT_EQ(read_u64(key, offset), std::nullopt) << offset;
  }
  EXPECT_EQ(read_u32(key, 8), 0x01010101u);
  EXPECT_EQ(read_u32(key, 9), std::nullopt);
  EXPECT_EQ(read_u32("", 0), std::nullopt);
}

TEST(Batch, Append_MovesWritesAndCountsBytes) {
  Batch first;
  first.put(Family::kMeta, "ab", "cde");
  Batch second;
  second.remove(Family::kMeta, "x");
  first.append(std::move(second));
  EXPECT_EQ(first.keys(), 2u);
  EXPECT_EQ(first.bytes(), 6u);
  EXPECT_TRUE(first.writes()[1].removal);
}

}  // namespace
}  // namespace weft::store

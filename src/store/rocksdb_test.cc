#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/mount.h>

#include "store/store.h"

// What only the durable store does: opening, locks, recovery.

namespace weft::store {
namespace {

namespace fs = std::filesystem;

// As Weft wrote stores before there were watermarks.
void rocksdb_of_format_one(const fs::path& directory) {
  fs::create_directories(directory);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  std::vector<rocksdb::ColumnFamilyDescriptor> families = {{"default", {}}};
  for (size_t i = 0; i < kFamilyCount; ++i)
    families.emplace_back(std::string(to_string(static_cast<Family>(i))),
                          rocksdb::ColumnFamilyOptions());
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  ASSERT_TRUE(rocksdb::DB::Open(options, directory.string(), families, &handles, &db).ok());
  ASSERT_TRUE(db->Put({}, handles[1], "format", "1").ok());
  ASSERT_TRUE(db->Put({}, handles[2], "m", "1").ok());
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  delete db;
}

class RocksdbCase : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "weft-rocksdb-XXXXXX";
    root_ = mkdtemp(pattern.data());
    directory_ = root_ / "data";
  }
  void TearDown() override { fs::remove_all(root_); }

  base::Result<std::unique_ptr<Store>> open(const fs::path& directory, bool read_only = false) {
    return open_rocksdb(
        {.directory = directory.string(), .durability = Durability::kOs, .read_only = read_only});
  }

  // Batch n writes key n into three families; returns how many whole batches `store` holds, -1 if
  // one is torn.
  static void write_batches(Store& store, uint32_t count) {
    for (uint32_t n = 0; n < count; ++n) {
      Batch batch;
      std::string key;
      append_u32(key, n);
      for (Family family : kFamilies) batch.put(family, key, std::string(n % 300, 'v'));
      ASSERT_TRUE(store.commit(std::move(batch)));
    }
  }
  static int whole_batches(const Store& store, uint32_t written) {
    int whole = 0;
    for (uint32_t n = 0; n < written; ++n) {
      std::string key;
      append_u32(key, n);
      auto present = std::count_if(std::begin(kFamilies), std::end(kFamilies), [&](Family family) {
        auto value = store.get(family, key);
        return value && value->has_value() && value->value().size() == n % 300;
      });
      if (present == 3 && whole == static_cast<int>(n)) {
        ++whole;
      } else if (present != 0) {
        return -1;
      }
    }
    return whole;
  }

  static constexpr Family kFamilies[] = {Family::kTurn, Family::kRow, Family::kMapRun};
  fs::path root_;
  fs::path directory_;
};

TEST_F(RocksdbCase, ReopenedStore_HasWhatWasCommitted) {
  {
    auto store = open(directory_);
    ASSERT_TRUE(store) << store.error().message;
    write_batches(**store, 10);
  }
  auto store = open(directory_);
  ASSERT_TRUE(store);
  EXPECT_EQ(whole_batches(**store, 10), 10);
}

TEST_F(RocksdbCase, FsyncedCommits_SurviveReopening) {
  {
    auto store = open_rocksdb({.directory = directory_.string()});
    ASSERT_TRUE(store);
    write_batches(**store, 3);
  }
  auto store = open(directory_);
  ASSERT_TRUE(store);
  EXPECT_EQ(whole_batches(**store, 3), 3);
}

TEST_F(RocksdbCase, SecondOpen_SaysWhoHoldsTheDirectory) {
  auto first = open(directory_);
  ASSERT_TRUE(first);
  auto second = open(directory_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "the data directory " + directory_.string() + " is in use by another process");
  EXPECT_EQ(second.error().code, base::ErrorCode::kStorage);
}

TEST_F(RocksdbCase, ReadOnlyOpen_SeesCommitsOfTheRunningWriter) {
  auto writer = open(directory_);
  ASSERT_TRUE(writer);
  write_batches(**writer, 5);
  auto reader = open(directory_, true);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(whole_batches(**reader, 5), 5);
  Batch batch;
  batch.put(Family::kMeta, "k", "v");
  EXPECT_FALSE((*reader)->commit(std::move(batch)));
}

TEST_F(RocksdbCase, ReadOnlyOpenOfNothing_IsAnErrorAndCreatesNothing) {
  auto reader = open(directory_, true);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().message,
            "the data directory " + directory_.string() + " holds no Weft data");
  EXPECT_FALSE(fs::exists(directory_));
}

TEST_F(RocksdbCase, UncreatableDirectory_IsOneSentence) {
  auto store = open("/proc/weft-data");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().message.rfind("cannot create the data directory /proc/weft-data: ", 0),
            0u);
}

TEST_F(RocksdbCase, OtherFormatVersion_IsRefused) {
  {
    auto store = open(directory_);
    ASSERT_TRUE(store);
    Batch batch;
    batch.put(Family::kMeta, "format", "99");
    ASSERT_TRUE((*store)->commit(std::move(batch)));
  }
  auto store = open(directory_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().message,
            "the data directory " + directory_.string() +
                " has store format 99, this version of Weft reads formats up to 2");
}

TEST_F(RocksdbCase, FullDisk_IsOneSentenceAndLosesNothing) {
  fs::path small = root_ / "small";
  fs::create_directory(small);
  if (mount("tmpfs", small.c_str(), "tmpfs", 0, "size=8m") != 0) {
    GTEST_SKIP() << "mounting a small file system needs root";
  }
  uint32_t committed = 0;
  std::string message;
  std::string not_closed;
  auto store = open_rocksdb({.directory = (small / "data").string(),
                             .not_closed = [&](const std::string& why) { not_closed = why; }});
  ASSERT_TRUE(store);
  while (message.empty()) {
    Batch batch;
    std::string key;
    append_u32(key, committed);
    batch.put(Family::kName, key, std::string(100'000, 'v'));
    auto done = (*store)->commit(std::move(batch));
    if (!done) message = done.error().message;
    if (done) ++committed;
  }
  EXPECT_EQ(message.rfind("disk full: the data directory " + (small / "data").string(), 0), 0u);
  EXPECT_GT(committed, 0u);
  for (uint32_t n = 0; n < committed; ++n) {
    std::string key;
    append_u32(key, n);
    EXPECT_TRUE((*store)->get(Family::kName, key)->has_value()) << n;
  }
  store->reset();
  EXPECT_THAT(not_closed, testing::StartsWith("disk full: the data directory "));
  umount(small.c_str());
}

// What a kill leaves behind: the files as they are while the store is open.
fs::path killed_copy(const fs::path& store, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(store, to);
  return to;
}

// A power loss may take what the log did not know to be durable, and cuts it anywhere; the
// watermark is as old as that then. What is left is a prefix of whole batches.
TEST_F(RocksdbCase, LogCutBehindTheWatermark_OpensAtAWholeBatch) {
  constexpr uint32_t kBatches = 60;
  auto writer = open(directory_);
  ASSERT_TRUE(writer);
  const fs::path early = root_ / "early";
  fs::copy_file(directory_ / "WATERMARK", early);
  write_batches(**writer, kBatches);
  fs::path log;
  for (const auto& entry : fs::directory_iterator(directory_)) {
    if (entry.path().extension() == ".log") log = std::max(log, entry.path().filename());
  }
  ASSERT_FALSE(log.empty());
  const auto size = fs::file_size(directory_ / log);
  int previous = -1;
  for (uintmax_t cut : {size / 7, size / 3, size / 2, size - 500, size - 13, size - 1, size}) {
    const fs::path copy = killed_copy(directory_, root_ / "copy");
    fs::resize_file(copy / log, cut);
    if (cut < size) {
      auto refused = open(copy);
      ASSERT_FALSE(refused) << cut;
      EXPECT_THAT(refused.error().message,
                  testing::AllOf(testing::StartsWith("E_LOST_TAIL: "),
                                 testing::HasSubstr("and commit 61 was written"),
                                 testing::HasSubstr(log.string())));
    }
    fs::copy_file(early, copy / "WATERMARK", fs::copy_options::overwrite_existing);
    auto store = open(copy);
    ASSERT_TRUE(store) << "cut at " << cut << ": " << store.error().message;
    const int whole = whole_batches(**store, kBatches);
    EXPECT_GE(whole, 0) << "torn batch at " << cut;
    EXPECT_GE(whole, previous) << cut;
    previous = whole;
  }
  EXPECT_EQ(previous, static_cast<int>(kBatches));
}

TEST_F(RocksdbCase, CleanStop_LeavesAnEmptyLogAndAnInventory) {
  {
    auto store = open(directory_);
    ASSERT_TRUE(store);
    write_batches(**store, 10);
    EXPECT_FALSE(fs::exists(directory_ / "INVENTORY"));
  }
  EXPECT_TRUE(fs::exists(directory_ / "INVENTORY"));
  for (const auto& entry : fs::directory_iterator(directory_)) {
    if (entry.path().extension() == ".log") {
      EXPECT_EQ(entry.file_size(), 0u) << entry.path();
    }
    EXPECT_EQ(entry.status().permissions() & fs::perms::all,
              fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
  }
}

TEST_F(RocksdbCase, UnknownFile_RefusesTheOpenAndIsKept) {
  {
    auto store = open(directory_);
    ASSERT_TRUE(store);
    write_batches(**store, 10);
  }
  const fs::path stray = directory_ / "000900.sst";
  std::ofstream(stray) << "somebody's";
  for (const bool read_only : {true, false}) {
    auto store = open(directory_, read_only);
    ASSERT_FALSE(store);
    EXPECT_THAT(store.error().message, testing::HasSubstr("000900.sst was not there when Weft"));
  }
  EXPECT_TRUE(fs::exists(stray));
}

TEST_F(RocksdbCase, AcceptedLoss_IsRecordedAndKeepsTheFiles) {
  fs::path copy;
  {
    auto writer = open(directory_);
    ASSERT_TRUE(writer);
    write_batches(**writer, 20);
    copy = killed_copy(directory_, root_ / "copy");
  }
  for (const auto& entry : fs::directory_iterator(copy)) {
    if (entry.path().extension() == ".log") fs::resize_file(entry.path(), entry.file_size() / 2);
  }
  std::string told;
  const OpenOptions options{.directory = copy.string(),
                            .durability = Durability::kOs,
                            .accept_data_loss = true,
                            .warn = [&](const std::string& what) { told = what; }};
  {
    auto store = open_rocksdb(options);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_THAT(told, testing::AllOf(testing::StartsWith("E_LOST_TAIL: "),
                                     testing::HasSubstr("copy.damaged-1")));
    EXPECT_GT(whole_batches(**store, 20), 0);
    std::string recorded;
    ASSERT_TRUE((*store)->scan(Family::kMeta, "data-loss/", "data-loss0", false,
                               [&](std::string_view, std::string_view value) {
                                 recorded = value;
                                 return true;
                               }));
    EXPECT_EQ(recorded, told);
  }
  EXPECT_TRUE(fs::exists(root_ / "copy.damaged-1" / "CURRENT"));
  told.clear();
  auto again = open_rocksdb(options);
  ASSERT_TRUE(again);
  EXPECT_EQ(told, "");
}

// What an earlier version wrote has no watermark: it is opened as it is, and has one from then on.
TEST_F(RocksdbCase, StoreOfFormatOne_GetsAWatermark) {
  rocksdb_of_format_one(directory_);
  {
    auto reader = open(directory_, true);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ((*reader)->get(Family::kMachine, "m")->value(), "1");
  }
  EXPECT_FALSE(fs::exists(directory_ / "WATERMARK"));
  {
    auto writer = open(directory_);
    ASSERT_TRUE(writer) << writer.error().message;
    EXPECT_EQ((*writer)->get(Family::kMeta, kFormatKey)->value(), "2");
    EXPECT_EQ((*writer)->get(Family::kMachine, "m")->value(), "1");
  }
  fs::remove(directory_ / "WATERMARK");
  auto store = open(directory_);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, testing::HasSubstr("WATERMARK is missing"));
}

}  // namespace
}  // namespace weft::store

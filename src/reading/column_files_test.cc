#include "reading/column_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "columns/filter.h"
#include "history/codec.h"
#include "maprun/slice.h"
#include "reading/column_writer.h"
#include "reading/run_columns.h"

namespace weft::reading {
namespace {

namespace fs = std::filesystem;
using store::Family;

constexpr uint64_t kRun = 7;
constexpr size_t kChildren = 300;  // that are stored; the record says more, so that a file is made

class ColumnFilesTest : public testing::Test {
 protected:
  ColumnFilesTest() {
    std::string pattern = (fs::temp_directory_path() / "columns-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    put(Family::kMeta, "child-name-key", std::string(8, '\1'));
    put_run();
    put_children();
  }
  ~ColumnFilesTest() override { fs::remove_all(directory_); }

  void put(Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  void put_run() { put(Family::kMapRun, records::map_run_key(kRun), records::encode(run_)); }
  void put_children() {
    std::string rows;
    maprun::Slice slice{.first_index = 0, .last = true};
    for (uint64_t i = 0; i < kChildren; ++i) {
      history::encode_row(
          {.index = i, .start_ms = run_.start_ms, .duration_us = static_cast<int64_t>(i)}, rows);
      slice.children.push_back(
          {.input = base::Text(fmt::format(R"({{"Key":"part-{}/{}","kind":"{}"}})", i % 3, i,
                                           i % 2 == 0 ? "even" : "odd"))});
    }
    put(Family::kRow, records::row_key(kRun, 1), rows);
    put(Family::kSlice, records::slice_key(kRun, 0), maprun::encode_slice(slice));
  }
  // What is stored of the children goes: from then on only the file can tell of them.
  void lose_children() {
    store::Batch batch;
    batch.remove(Family::kRow, records::row_key(kRun, 1));
    batch.remove(Family::kSlice, records::slice_key(kRun, 0));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  Query query() const { return Query(*store_, arn::Home{}, directory_, derived_files_); }
  bool make() const {
    const Query q = query();
    return ColumnFiles(q).make(run_, [] { return true; }).has_value();
  }
  size_t read() const {
    const Query q = query();
    const auto columns = ColumnFiles(q).read(run_);
    return columns ? columns->size() : 0;
  }
  fs::path file() const { return fs::path(directory_) / "7.columns"; }
  std::string bytes() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void overwrite(const std::string& bytes) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
  }

  std::string directory_;
  DerivedFiles derived_files_ = DerivedFiles::kKeep;
  std::unique_ptr<store::Store> store_ = store::open_memory();
  records::MapRunRecord run_{
      .number = kRun,
      .arn = "arn:run",
      .status = records::MapRunStatus::kSucceeded,
      .start_ms = 5'000,
      .stop_ms = 6'000,
      .executions = {.succeeded = kColumnFileChildren, .total = kColumnFileChildren}};
};

TEST_F(ColumnFilesTest, AMadeFile_StandsForTheRowsKeysAndMembers) {
  EXPECT_EQ(read(), 0u);
  ASSERT_TRUE(make());
  EXPECT_EQ(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  lose_children();
  const Query q = query();
  RunColumns reader;
  WantedColumns wanted(true);
  wanted.properties = {"input.kind"};
  const auto columns = reader.get(q, run_, wanted);
  ASSERT_TRUE(columns);
  ASSERT_EQ((*columns)->size(), kChildren);
  const auto chosen =
      columns::select(**columns, *columns::parse_filter("key:part-1 input.kind:odd dur:<100"));
  EXPECT_EQ(chosen.size(), 17u);
}

TEST_F(ColumnFilesTest, ARunOfAnotherState_HasNoFile) {
  ASSERT_TRUE(make());
  const records::MapRunRecord was = run_;
  const auto changed = [&](const auto& change) {
    run_ = was;
    change(run_);
    const size_t found = read();
    run_ = was;
    return found;
  };
  EXPECT_EQ(changed([](auto&) {}), kChildren);
  EXPECT_EQ(changed([](auto& run) { ++run.revision; }), 0u) << "an import, a redrive";
  EXPECT_EQ(changed([](auto& run) { ++run.stop_ms; }), 0u);
  EXPECT_EQ(changed([](auto& run) { ++run.redrive_count; }), 0u);
  EXPECT_EQ(changed([](auto& run) { run.status = records::MapRunStatus::kRunning; }), 0u);
  put(Family::kMeta, std::string(store::kDataLossPrefix) + "000001", "went without");
  EXPECT_EQ(read(), 0u) << "rows may be missing in the store";
  EXPECT_TRUE(make());
  EXPECT_EQ(read(), kChildren);
  put(Family::kMeta, "child-name-key", std::string(8, '\2'));
  EXPECT_EQ(read(), 0u) << "another store, whose run has the same number";
}

TEST_F(ColumnFilesTest, DamagedFiles_ArePassedOver) {
  ASSERT_TRUE(make());
  const std::string whole = bytes();
  ASSERT_EQ(read(), kChildren);
  for (size_t at = 0; at < whole.size(); at += 1 + at / 50) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    overwrite(damaged);
    ASSERT_EQ(read(), 0u) << at;
    overwrite(whole.substr(0, at));
    ASSERT_EQ(read(), 0u) << "cut at " << at;
  }
  std::string damaged = whole;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  overwrite(damaged);
  derived_files_ = DerivedFiles::kRead;
  EXPECT_EQ(read(), 0u);
  EXPECT_EQ(bytes(), damaged) << "who only reads takes nothing away";
  derived_files_ = DerivedFiles::kKeep;
  EXPECT_EQ(read(), 0u);
  EXPECT_FALSE(fs::exists(file())) << "else it would never be made anew";
  overwrite(whole + "x");
  EXPECT_EQ(read(), 0u);
  // What a question asks is then read out of the store.
  const Query q = query();
  RunColumns reader;
  const auto columns = reader.get(q, run_, false);
  ASSERT_TRUE(columns);
  EXPECT_EQ((*columns)->size(), kChildren);
  EXPECT_TRUE(make()) << "it takes the place of the damaged one";
  EXPECT_EQ(bytes(), whole);
}

TEST_F(ColumnFilesTest, NothingIsMade_OfSmallOrRunningRunsOrWithoutADirectory) {
  run_.status = records::MapRunStatus::kRunning;
  ASSERT_TRUE(make());
  run_.status = records::MapRunStatus::kSucceeded;
  run_.executions.total = kColumnFileChildren - 1;
  ASSERT_TRUE(make());
  EXPECT_TRUE(fs::is_empty(directory_));
  run_.executions.total = kColumnFileChildren;
  const Query q = query();
  EXPECT_FALSE(ColumnFiles(q).make(run_, [] { return false; }));
  const Query nowhere(*store_, arn::Home{});
  EXPECT_TRUE(ColumnFiles(nowhere).make(run_, [] { return true; }));
  EXPECT_TRUE(fs::is_empty(directory_));
  const Query missing(*store_, arn::Home{}, directory_ + "/missing");
  EXPECT_FALSE(ColumnFiles(missing).make(run_, [] { return true; }));
}

TEST_F(ColumnFilesTest, ARunThatChangedSinceItWasLookedAt_GetsNoFile) {
  const Query q = query();
  const records::MapRunRecord looked_at = run_;
  ++run_.revision;
  put_run();
  EXPECT_TRUE(ColumnFiles(q).make(looked_at, [] { return true; }));
  EXPECT_TRUE(fs::is_empty(directory_));
}

TEST_F(ColumnFilesTest, ALink_IsNotFollowed) {
  ASSERT_TRUE(make());
  const fs::path elsewhere = fs::path(directory_) / "elsewhere";
  fs::rename(file(), elsewhere);
  fs::create_symlink(elsewhere, file());
  EXPECT_EQ(read(), 0u);
}

TEST_F(ColumnFilesTest, TheWriter_MakesWhatIsMissingAndSweepsWhatIsGone) {
  std::ofstream(fs::path(directory_) / "7.columns.new") << "cut off";
  std::ofstream(fs::path(directory_) / "8.columns") << "of a run that is gone";
  std::ofstream(fs::path(directory_) / "notes.txt") << "somebody's";
  const Query q = query();
  ColumnWriter writer(q);
  writer.wait();
  EXPECT_EQ(read(), kChildren);
  EXPECT_FALSE(fs::exists(fs::path(directory_) / "7.columns.new"));
  EXPECT_FALSE(fs::exists(fs::path(directory_) / "8.columns"));
  EXPECT_TRUE(fs::exists(fs::path(directory_) / "notes.txt"));
  ++run_.revision;
  put_run();
  writer.ended(kRun);
  EXPECT_TRUE(writer.wait_until(std::chrono::steady_clock::now() + std::chrono::hours(1)));
  EXPECT_TRUE(writer.wait_until(std::chrono::steady_clock::now())) << "all is done";
  EXPECT_EQ(read(), kChildren);
}

}  // namespace
}  // namespace weft::reading

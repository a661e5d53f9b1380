#include "server/file_watch.h"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace weft::server {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::EndsWith;
using testing::Not;

class FileWatchTest : public testing::Test {
 protected:
  FileWatchTest() {
    std::string pattern = testing::TempDir() + "weft-watch-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    for (const char* name : {"sub", ".hidden", "node_modules", "left"})
      fs::create_directories(root_ / name);
  }
  ~FileWatchTest() override { fs::remove_all(root_); }
  void start() {
    auto watch =
        FileWatch::start({.directories = {root_.string()}, .except = {(root_ / "left").string()}},
                         [this](const std::set<std::string>& paths) {
                           const std::lock_guard lock(mutex_);
                           seen_.insert(paths.begin(), paths.end());
                           changed_.notify_all();
                         });
    ASSERT_TRUE(watch) << watch.error().message;
    watch_ = std::move(*watch);
  }
  void write(const fs::path& name) { std::ofstream(root_ / name) << "x"; }
  // All that was seen once `name` has been.
  std::set<std::string> until(const std::string& name) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(60),
                                        [&] { return seen_.contains((root_ / name).string()); });
    EXPECT_TRUE(came) << name;
    return seen_;
  }

  fs::path root_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> seen_;
  std::unique_ptr<FileWatch> watch_;
};

TEST_F(FileWatchTest, TellsOfFilesWrittenMovedAndRemoved) {
  start();
  write("a");
  write("sub/b");
  until("a");
  until("sub/b");
  // As editors save: beside it, then over it.
  write("sub/c~");
  fs::rename(root_ / "sub/c~", root_ / "sub/c");
  until("sub/c");
  fs::remove(root_ / "a");
  write("last");
  EXPECT_THAT(until("last"), Contains(EndsWith("/a")));
}

TEST_F(FileWatchTest, LooksIntoNewDirectoriesAndNotIntoOthers) {
  start();
  fs::create_directories(root_ / "new");
  write("first");
  until("first");  // what happened before is known by then
  write("new/d");
  write(".hidden/e");
  write("node_modules/f");
  write("left/g");
  write("last");
  until("new/d");
  const auto seen = until("last");
  for (const char* name : {"/e", "/f", "/g"}) EXPECT_THAT(seen, Not(Contains(EndsWith(name))));
}

TEST_F(FileWatchTest, TellsOfTheFilesOfADirectoryThatTakesThePlaceOfAnother) {
  start();
  const fs::path beside = root_.string() + "-beside";
  fs::create_directories(beside / "deep");
  std::ofstream(beside / "deep/a") << "x";
  fs::rename(root_ / "sub", root_ / ".hidden/sub");
  fs::rename(beside, root_ / "sub");
  until("sub/deep/a");
  write("sub/deep/b");
  until("sub/deep/b");
  // What was moved away is no part of it any more.
  write(".hidden/sub/gone");
  write("last");
  EXPECT_THAT(until("last"), Not(Contains(EndsWith("/gone"))));
}

TEST_F(FileWatchTest, TellsOfTheFilesOfAParentThatTakesThePlaceOfAnother) {
  const fs::path outer = root_;
  root_ = outer / "project/functions";  // what is watched
  fs::create_directories(root_ / "left");
  start();
  fs::rename(outer / "project", outer / "old");
  fs::create_directories(outer / "new/functions/deep");
  std::ofstream(outer / "new/functions/deep/a") << "x";
  fs::rename(outer / "new", outer / "project");
  until("deep/a");
  write("deep/b");
  until("deep/b");
  // Removed, and made again from nothing.
  fs::remove_all(outer / "project");
  fs::create_directories(root_);
  write("c");
  until("c");
  root_ = outer;
}

TEST_F(FileWatchTest, NoDirectoryIsAnError) {
  const auto watch = FileWatch::start({.directories = {(root_ / "none").string()}, .except = {}},
                                      [](const auto&) {});
  ASSERT_FALSE(watch);
  EXPECT_THAT(watch.error().message, testing::HasSubstr("/none cannot be watched"));
}

}  // namespace
}  // namespace weft::server

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

TEST_F(FileWatchTest, NoDirectoryIsAnError) {
  const auto watch = FileWatch::start({.directories = {(root_ / "none").string()}, .except = {}},
                                      [](const auto&) {});
  ASSERT_FALSE(watch);
  EXPECT_THAT(watch.error().message, testing::HasSubstr("/none cannot be watched"));
}

}  // namespace
}  // namespace weft::server

#include "integrations/lambda/bootstraps.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

namespace weft::lambda {
namespace {

namespace fs = std::filesystem;

// Its own place for temporary directories.
class BootstrapDirectoryTest : public testing::Test {
 protected:
  BootstrapDirectoryTest() {
    if (const char* was = std::getenv("TMPDIR")) was_ = was;
    std::string pattern = (fs::path(testing::TempDir()) / "bootstraps-XXXXXX").string();
    home_ = mkdtemp(pattern.data());
    setenv("TMPDIR", home_.c_str(), 1);
  }
  ~BootstrapDirectoryTest() override {
    was_.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", was_.c_str(), 1);
    fs::remove_all(home_);
  }

  fs::path left(const std::string& name) const {
    fs::create_directory(home_ / name);
    std::ofstream(home_ / name / "runtime_node.mjs") << "x";
    return home_ / name;
  }

  std::string was_;
  fs::path home_;
};

TEST_F(BootstrapDirectoryTest, WhatAKillLeft_IsRemoved_AndWhatIsHeldIsNot) {
  auto first = BootstrapDirectory::create("");
  ASSERT_TRUE(first) << first.error().message;
  const fs::path killed = left("weft-runtime-killed");
  const fs::path other = left("others-runtime-abcdef");
  fs::create_directory_symlink(other, home_ / "weft-runtime-link");
  auto second = BootstrapDirectory::create("");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE((*first)->path(), (*second)->path());
  EXPECT_TRUE(fs::exists((*first)->node()));
  EXPECT_TRUE(fs::exists((*second)->node()));
  EXPECT_THAT((*second)->path(), testing::StartsWith((home_ / "weft-runtime-").string()));
  EXPECT_FALSE(fs::exists(killed));
  EXPECT_TRUE(fs::exists(other / "runtime_node.mjs"));
  const fs::path gone = (*first)->path();
  first->reset();
  EXPECT_FALSE(fs::exists(gone));
}

TEST_F(BootstrapDirectoryTest, OneOfAProcessThatRuns_IsLeft) {
  const fs::path held = left("weft-runtime-abcdef");
  const int lock = open(held.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  for (const std::string& path : {std::string(), (home_ / "own").string()}) {
    auto mine = BootstrapDirectory::create(path);
    ASSERT_TRUE(mine) << mine.error().message;
    EXPECT_TRUE(fs::exists(held / "runtime_node.mjs"));
  }
  close(lock);
  auto other = BootstrapDirectory::create((home_ / "own").string());
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_FALSE(fs::exists(held)) << "its process has ended";
}

}  // namespace
}  // namespace weft::lambda

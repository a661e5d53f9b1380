#include "server/open_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace weft::server {
namespace {

TEST(OpenFilesTest, TooFew_AreRefusedWithTheLimit) {
  EXPECT_TRUE(check_open_files(kOpenFilesMin));
  const auto refused = check_open_files(kOpenFilesMin - 1);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              testing::AllOf(testing::HasSubstr("511"), testing::HasSubstr("512"),
                             testing::HasSubstr("ulimit -Hn")));
}

TEST(OpenFilesTest, AllTogether_LeaveTheStoreItsQuarter) {
  for (const size_t files : {kOpenFilesMin, size_t{1'024}, size_t{65'536}}) {
    for (const size_t ports : {1, 2, 3}) {
      const OpenFiles shared = share_open_files(files, ports);
      constexpr size_t kOfAProcess = 10;
      EXPECT_GE(shared.processes, 1u);
      // What a port has open until others have given way (net/server.cc).
      const size_t connections = shared.connections + shared.connections / 8 + 1;
      EXPECT_LE(shared.calls + ports * connections + shared.processes * kOfAProcess, files / 4 * 3);
    }
  }
}

TEST(OpenFilesTest, TheSoftLimit_IsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 100;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  const size_t allowed = allow_open_files();
  rlimit raised{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &raised), 0);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(allowed, raised.rlim_cur);
  EXPECT_GT(allowed, 100u);
  EXPECT_LE(allowed, before.rlim_max);
}

}  // namespace
}  // namespace weft::server

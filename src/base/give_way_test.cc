#include "base/give_way.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace weft::base {
namespace {

int niceness() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

TEST(GiveWay, IsForTheThreadThatCallsIt) {
  const int before = niceness();
  std::thread([&] {
    give_way();
    EXPECT_EQ(niceness(), std::min(before + 15, 19));
    give_way();
    EXPECT_EQ(niceness(), std::min(before + 15, 19));
  }).join();
  EXPECT_EQ(niceness(), before);
}

}  // namespace
}  // namespace weft::base

#include "net/loop.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <vector>

#include <gtest/gtest.h>

namespace weft::net {
namespace {

TEST(Loop, Post_RunsInOrderOnOneThread) {
  Loop loop;
  std::vector<int> seen;
  std::promise<void> done;
  for (int i = 0; i < 100; ++i) loop.post([&seen, i] { seen.push_back(i); });
  loop.post([&] { done.set_value(); });
  loop.start(3);
  done.get_future().wait();
  ASSERT_EQ(seen.size(), 100u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST(Loop, RunAfter_WaitsForNoEarlierTimerThatEndsLater) {
  std::atomic<bool> later_ran = false;
  std::promise<void> done;
  Loop loop;
  loop.run_after(std::chrono::hours(1), [&] { later_ran = true; });
  loop.run_after(std::chrono::milliseconds(1), [&] { done.set_value(); });
  loop.start(1);
  done.get_future().wait();
  EXPECT_FALSE(later_ran);
}

TEST(Loop, CancelledTimer_NeverRuns) {
  Loop loop;
  bool ran = false;
  std::promise<void> done;
  TimerHandle handle = loop.run_after(std::chrono::milliseconds(1), [&] { ran = true; });
  handle.cancel();
  handle.cancel();
  loop.run_after(std::chrono::milliseconds(5), [&] { done.set_value(); });
  loop.start(1);
  done.get_future().wait();
  EXPECT_FALSE(ran);
}

TEST(Loop, HandleOutlivesLoop_CancelIsHarmless) {
  TimerHandle handle;
  {
    Loop loop;
    loop.start(1);
    handle = loop.run_after(std::chrono::hours(1), [] {});
  }
  handle.cancel();
  TimerHandle().cancel();
}

}  // namespace
}  // namespace weft::net

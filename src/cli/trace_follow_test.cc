#include "cli/trace_follow.h"

#include <gtest/gtest.h>

namespace weft::cli {
namespace {

TEST(ScreenText, LessThanAScreen_ClearsWhatWasBefore) {
  EXPECT_EQ(screen_text("one\ntwo\n", 5), "\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J");
}

TEST(ScreenText, ExactlyAScreen_ShowsAll) {
  EXPECT_EQ(screen_text("one\ntwo\n", 2), "\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J");
}

TEST(ScreenText, MoreThanAScreen_SaysSoInTheLastLine) {
  EXPECT_EQ(screen_text("one\ntwo\nthree\n", 2),
            "\x1b[Hone\x1b[K\r\n... more below: make the window higher\x1b[K\x1b[J");
}

TEST(ScreenText, Nothing_IsAnEmptyScreen) { EXPECT_EQ(screen_text("", 2), "\x1b[H\x1b[J"); }

}  // namespace
}  // namespace weft::cli

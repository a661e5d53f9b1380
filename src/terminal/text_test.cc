#include "terminal/text.h"

#include <vector>

#include <gtest/gtest.h>

#include "terminal/bar.h"

namespace weft::terminal {
namespace {

TEST(Grouped, ThreeDigitsAGroup) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Cut, CountsColumnsNotBytes) {
  EXPECT_EQ(cut("größe", 5), "größe");
  EXPECT_EQ(cut("größenordnung", 8), "größeno…");
  EXPECT_EQ(cut("日本語", 4), "日…");
  EXPECT_EQ(fit("ä", 3), "ä  ");
  EXPECT_EQ(display_width("▁█"), 2u);
}

TEST(Strip, ScalesToTheLargest) {
  const auto strip = [](std::vector<uint64_t> values) { return draw_strip(values); };
  EXPECT_EQ(strip({}), "");
  EXPECT_EQ(strip({0, 1, 4, 8}), " ▁▄█");
  EXPECT_EQ(strip({5}), "█");
  EXPECT_EQ(strip({1, 1000}), "▁█");
}

// C0, DEL, C1, bidi overrides and isolates, line separators, broken UTF-8.
TEST(Printable, NothingThatDrivesATerminalSurvives) {
  EXPECT_EQ(printable("a\x1b[31m\x07\x7f"), "a\\x1b[31m\\x07\\x7f");
  EXPECT_EQ(printable("\u009b31m"), "\\x9b31m");
  EXPECT_EQ(printable("\u202eabc\u2066"), "\\u202eabc\\u2066");
  EXPECT_EQ(printable("a\u2028b"), "a\\u2028b");
  EXPECT_EQ(printable("a\xff"), "a\uFFFD");
  EXPECT_EQ(printable("a\tb\nc"), "a\\tb\\nc");
  EXPECT_EQ(printable("a\tb", Tabs::kKept), "a\tb");
}

TEST(SingleLine, NoControlCharacterSurvives) {
  EXPECT_EQ(single_line("a\n\tb\x1b[31m  c"), "a b [31m c");
  EXPECT_EQ(single_line("a\u009b31m\u202eb"), "a\\x9b31m\\u202eb");
}

TEST(RateText, ShortForm) {
  EXPECT_EQ(rate_text(0), "");
  EXPECT_EQ(rate_text(3.72), "3.7/s");
  EXPECT_EQ(rate_text(12345.4), "12,345/s");
}

}  // namespace
}  // namespace weft::terminal

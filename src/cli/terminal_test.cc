#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace weft::cli {
namespace {

TEST(Grouped, ThreeDigitsAGroup) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Fit, CutsCharactersNotBytes) {
  EXPECT_EQ(fit("größe", 5), "größe");
  EXPECT_EQ(fit("größenordnung", 8), "größe...");
  EXPECT_EQ(padded("ä", 3), "ä  ");
  EXPECT_EQ(display_width("▁█"), 2u);
}

TEST(Strip, ScalesToTheLargest) {
  EXPECT_EQ(strip({}), "");
  EXPECT_EQ(strip({0, 1, 4, 8}), " ▁▄█");
  EXPECT_EQ(strip({5}), "█");
  EXPECT_EQ(strip({1, 1000}), "▁█");
}

TEST(SingleLine, NoControlCharacterSurvives) {
  EXPECT_EQ(single_line("a\n\tb\x1b[31m  c"), "a b [31m c");
}

TEST(RateText, ShortForm) {
  EXPECT_EQ(rate_text(0), "");
  EXPECT_EQ(rate_text(3.72), "3.7/s");
  EXPECT_EQ(rate_text(12345.4), "12,345/s");
}

TEST(Terminal, StatusHasColorOnlyWhenAsked) {
  Terminal terminal;
  EXPECT_EQ(terminal.status("FAILED"), "FAILED");
  terminal.color = true;
  EXPECT_EQ(terminal.status("FAILED"), "\x1b[31mFAILED\x1b[0m");
}

}  // namespace
}  // namespace weft::cli

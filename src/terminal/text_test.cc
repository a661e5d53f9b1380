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

TEST(Glance, OfALargePayloadTellsWhereTheRestIs) {
  EXPECT_EQ(glance("{\"a\":\x1b[m}", "x"), "{\"a\":\\x1b[m}");
  EXPECT_EQ(glance(std::string(500, 'a'), "x"), std::string(500, 'a'));
  EXPECT_EQ(glance(std::string(100'000, 'a'), "weft describe e --json"),
            std::string(500, 'a') + "… (all of it: weft describe e --json)");
}

TEST(Cut, Middle_KeepsBothEnds) {
  EXPECT_EQ(cut_middle("größe", 5), "größe");
  EXPECT_EQ(cut_middle("2026/us-east/batch-legacy/17.txt", 11), "2026/…7.txt");
  EXPECT_EQ(cut_middle("日本語日本語", 6), "日…語");
  EXPECT_EQ(cut_middle("ab", 1), "…");
  const std::string name = "begin" + std::string(100'000, 'x') + "end";
  EXPECT_EQ(cut_middle(name, 8), "beg…xend");
}

TEST(DisplayWidth, CountsWhatTerminalsDraw) {
  EXPECT_EQ(display_width("e\u0301"), 1u);     // a combining accent
  EXPECT_EQ(display_width("한국어"), 6u);      // syllables
  EXPECT_EQ(display_width("ｆｕｌｌ"), 8u);    // fullwidth forms
  EXPECT_EQ(display_width("🚀✅"), 4u);        // pictographs, of both planes
  EXPECT_EQ(display_width("กำ"), 2u);          // Thai
  EXPECT_EQ(display_width("\U0003FFFD"), 2u);  // reserved for ideographs
  EXPECT_EQ(display_width("…─█"), 3u);         // ambiguous: one
}

TEST(Wrapped, BreaksAtBlanks) {
  EXPECT_EQ(wrapped("one two three four", 9, 0, 2), "one two\n  three\n  four");
  EXPECT_EQ(wrapped("one two", 80, 75, 4), "one\n    two");
  EXPECT_EQ(wrapped("onetwo", 80, 78, 4), "\n    onetwo");
  EXPECT_EQ(wrapped("one two three", kUnbounded, 0, 2), "one two three");
  EXPECT_EQ(wrapped("  kept", 80, 0, 2), "  kept");
  EXPECT_EQ(wrapped("a\tb", 80, 0, 0), "a       b");
  EXPECT_EQ(wrapped("ends   ", 5, 0, 0), "ends");
}

TEST(Wrapped, WordWithoutBlanks_IsBrokenWhereTheLineEnds) {
  EXPECT_EQ(wrapped("0123456789", 10, 0, 2), "0123456789");
  EXPECT_EQ(wrapped("0123456789ab", 10, 0, 2), "0123456789\n  ab");
  EXPECT_EQ(wrapped("日本語日本語", 10, 0, 0), "日本語日本\n語");
}

TEST(Brief, LargeValues_AreShownByTheirSize) {
  EXPECT_EQ(brief("target: " + std::string(201, 'x') + " at /"),
            "target: " + std::string(59, 'x') + "… (201 bytes) at /");
}

TEST(PrintableJson, MeansTheSameAndDrivesNothing) {
  EXPECT_EQ(printable_json("{\r\n\t\"a\": \"\u009b31m\u202e\x7f\"}"),
            "{ \n\t\"a\": \"\\u009b31m\\u202e\\u007f\"}");
  EXPECT_EQ(printable_json("\"\xff\x9b\""), "\"\uFFFD\uFFFD\"");
}

TEST(Excerpt, PlaceInALine_IsMarkedWithinTheRoom) {
  EXPECT_EQ(excerpt("1 + )", 4, 1, 40), "  1 + )\n      ^\n");
  EXPECT_EQ(excerpt("\x1b\u202e(", 4, 1, 40), "  \\x1b\\u202e(\n            ^\n");
  const std::string large = excerpt(std::string(100'000, 'x'), 50'000, 1, 60);
  EXPECT_LT(large.size(), 200u);
  EXPECT_NE(large.find("…"), std::string::npos);
}

TEST(Counted, OneOrMany) {
  EXPECT_EQ(counted(1, "cold start"), "1 cold start");
  EXPECT_EQ(counted(1234, "cold start"), "1,234 cold starts");
  EXPECT_EQ(counted(0, "child", "children"), "0 children");
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
  EXPECT_EQ(single_line("a\n\tb\x1b[31m  c\x7F"), "a b\\x1b[31m c\\x7f");
  EXPECT_EQ(single_line("a\u009b31m\u202eb"), "a\\x9b31m\\u202eb");
}

TEST(CommandLines, WhatIsTooWideGoesOnBehindABackslashBeforeAFlag) {
  EXPECT_EQ(command_lines("trace x --data d", 16, 0), "trace x --data d");
  EXPECT_EQ(command_lines("trace x --data d --limit 3", 20, 0),
            "trace x --data d \\\n    --limit 3");
  EXPECT_EQ(command_lines("trace x --data d", 15, 0), "trace x \\\n    --data d");
  EXPECT_EQ(command_lines("trace x", 3, 0), "trace x");
}

TEST(CommandLines, QuotedTextStaysWhole) {
  EXPECT_EQ(command_lines("trace x --filter 'a  --b'", 20, 0), "trace x \\\n    --filter 'a  --b'");
  EXPECT_EQ(command_lines("x 'a'\\'' --b' --c", 4, 0), "x 'a'\\'' --b' \\\n    --c");
}

TEST(RateText, ShortForm) {
  EXPECT_EQ(rate_text(0), "");
  EXPECT_EQ(rate_text(3.72), "3.7/s");
  EXPECT_EQ(rate_text(12345.4), "12,345/s");
}

}  // namespace
}  // namespace weft::terminal

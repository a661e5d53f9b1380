#include "terminal/table.h"

#include <gtest/gtest.h>

namespace weft::terminal {
namespace {

Terminal screen(int width) { return {.cuts = true, .width = width}; }

Table people() {
  Table table({{.title = "name", .cut = Cut::kMiddle, .least = 6},
               {.title = "count", .align = Align::kRight},
               {.title = "p99", .align = Align::kRight, .spare = 1},
               {.title = "what", .cut = Cut::kEnd, .least = 5}});
  table.row({{"process/2026/07/invoice.pdf"}, {"12"}, {"1.5 s"}, {"a long sentence"}});
  table.note(2, Style::kBad, "why\x1b it \n failed");
  table.row({{"日本語"}, {"1,234"}, {"9 ms"}, {""}});
  return table;
}

TEST(Table, WithRoom_IsAsWideAsWhatIsInIt) {
  EXPECT_EQ(people().draw(screen(80)),
            "name                         count    p99  what\n"
            "process/2026/07/invoice.pdf     12  1.5 s  a long sentence\n"
            "  why\\x1b it failed\n"
            "日本語                       1,234   9 ms\n");
}

TEST(Table, NarrowTerminal_CutsTheMiddleThenTheEndThenLeavesOut) {
  EXPECT_EQ(people().draw(screen(48)),
            "name               count    p99  what\n"
            "process/…oice.pdf     12  1.5 s  a long sentence\n"
            "  why\\x1b it failed\n"
            "日本語             1,234   9 ms\n");
  EXPECT_EQ(people().draw(screen(27)),
            "name    count    p99  what\n"
            "pr…pdf     12  1.5 s  a lo…\n"
            "  why\\x1b it failed\n"
            "日本語  1,234   9 ms\n");
  EXPECT_EQ(people().draw(screen(24)),
            "name    count  what\n"
            "pr…pdf     12  a long s…\n"
            "  why\\x1b it failed\n"
            "日本語  1,234\n");
}

TEST(Table, NoLineIsWiderThanTheTerminal) {
  for (int width = 20; width < 100; ++width) {
    const std::string text = people().draw(screen(width));
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      EXPECT_LE(display_width(text.substr(at, end - at)), static_cast<size_t>(width)) << text;
      at = end + 1;
    }
  }
}

TEST(Table, InAPipe_NothingIsCut) {
  Terminal pipe;
  pipe.width = 20;
  EXPECT_EQ(people().draw(pipe), people().draw(screen(200)));
}

}  // namespace
}  // namespace weft::terminal

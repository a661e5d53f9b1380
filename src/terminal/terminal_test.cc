#include "terminal/terminal.h"

#include <gtest/gtest.h>

namespace weft::terminal {
namespace {

TEST(Terminal, StatusHasColorOnlyWhenAsked) {
  Terminal terminal;
  EXPECT_EQ(terminal.status("FAILED"), "FAILED");
  terminal.color = true;
  EXPECT_EQ(terminal.status("FAILED"), "\x1b[31mFAILED\x1b[0m");
}

}  // namespace
}  // namespace weft::terminal

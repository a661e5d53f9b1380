#include "terminal/shell_word.h"

#include <gtest/gtest.h>

namespace weft::terminal {
namespace {

TEST(ShellWord, IsQuotedWhenAShellWouldTakeItApart) {
  EXPECT_EQ(shell_word("./data-1/x_y"), "./data-1/x_y");
  EXPECT_EQ(shell_word("größe"), "größe");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("my data"), "'my data'");
  EXPECT_EQ(shell_word("it's"), R"('it'\''s')");
  EXPECT_EQ(shell_word("$HOME"), "'$HOME'");
  EXPECT_EQ(shell_word("a*b"), "'a*b'");
  EXPECT_EQ(shell_word("~/x"), "'~/x'");
  EXPECT_EQ(shell_word("key:2026/us-east/"), "key:2026/us-east/");
}

TEST(ShellWord, ShowsWhatCouldMoveTheCursor) {
  EXPECT_EQ(shell_word("a\x1b[2Jb").find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace weft::terminal

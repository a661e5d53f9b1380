#include "base/brief.h"

#include <gtest/gtest.h>

namespace weft::base {
namespace {

TEST(Brief, LongWord_IsShownByItsBeginningAndSize) {
  EXPECT_EQ(brief("a word", 10, 100), "a word");
  EXPECT_EQ(brief("target: " + std::string(5'000, 'x') + " at /", 10, 100),
            "target: " + std::string(59, 'x') + "… (5,000 bytes) at /");
}

std::string words(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += "word ";
  return text;
}

TEST(Brief, LongText_SaysTheSizeItHad) {
  const std::string text = brief(words(10'000), 200, 2'000);
  EXPECT_LT(text.size(), 1'500U);
  EXPECT_NE(text.find("… (50,000 bytes in all) …"), text.npos) << text;
}

// Words were shortened first: the size in all is not that of what is left of them.
TEST(Brief, LongTextOfLongWords_SaysTheSizeItHad) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::string(999, 'x') + ' ';
  EXPECT_NE(brief(text, 200, 2'000).find("… (100,000 bytes in all) …"), text.npos);
}

// A server's answer, shortened once more for a terminal.
TEST(Brief, TextThatIsBriefAlready_SaysTheSizeItHadAtFirst) {
  const std::string once = brief(words(100'000));
  EXPECT_LE(once.size(), kMessageBytesMax);
  const std::string twice = brief(once, 200, 2'000);
  EXPECT_LT(twice.size(), 1'500U);
  EXPECT_NE(twice.find("… (500,000 bytes in all) …"), twice.npos) << twice;
}

TEST(Brief, WhatIsLeft_BeginsAndEndsWithWholeCharacters) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += i % 7 == 0 ? "é " : "日";
  for (size_t max = 1'000; max < 1'010; ++max) {
    const std::string shown = brief(text, 200, max);
    const size_t end = shown.rfind("…") + std::string("…").size();
    EXPECT_NE(static_cast<unsigned char>(shown[end]) & 0xC0, 0x80) << shown;
    text.insert(0, "x");
  }
}

// A server shortens words, whoever shows its answer the text that is left.
TEST(Brief, OfWordsThatWereShortened_TheirSizesCount) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::string(10'000, 'x') + " ";
  const std::string once = brief(text);
  EXPECT_EQ(once.find("in all"), once.npos);
  const std::string twice = brief(once, 200, 2'000);
  EXPECT_NE(twice.find("… (1,000,100 bytes in all) …"), twice.npos) << twice;
}

}  // namespace
}  // namespace weft::base

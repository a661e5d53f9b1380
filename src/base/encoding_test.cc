#include "base/encoding.h"

#include <gtest/gtest.h>

namespace weft::base {
namespace {

// The vectors of RFC 4648 section 10.
TEST(Encoding, PublishedTexts_HaveTheirPublishedForms) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : cases) {
    EXPECT_EQ(to_base64(plain), text);
    EXPECT_EQ(from_base64(text), plain);
  }
  EXPECT_EQ(to_hex("foobar"), "666f6f626172");
  EXPECT_EQ(from_hex("666f6F626172"), "foobar");
}

TEST(Encoding, EveryByte_ComesBack) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  for (size_t size = bytes.size() - 3; size <= bytes.size(); ++size) {
    const std::string_view some(bytes.data() + bytes.size() - size, size);
    EXPECT_EQ(from_hex(to_hex(some)), some);
    EXPECT_EQ(from_base64(to_base64(some)), some);
    EXPECT_EQ(from_base64url(to_base64url(some)), some);
  }
}

TEST(Encoding, Base64_MayLackItsPaddingAsAWhole) {
  EXPECT_EQ(from_base64("Zg"), "f");
  EXPECT_EQ(from_base64("Zm8"), "fo");
  EXPECT_EQ(to_base64url("\xFB\xFF"), "-_8");
}

TEST(Encoding, WhatIsNone_IsRefused) {
  for (const char* text :
       {"Z", "Zg=", "Zg===", "=", "====", "Zm9vY", "Zm 9v", "Zm9v\n", "Zm9-", "Zg==Zg=="})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  for (const char* text : {"Zm9+", "Zg==", "Z"})
    EXPECT_EQ(from_base64url(text), std::nullopt) << text;
  for (const char* text : {"6", "6g", "0x66", " 6"})
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

}  // namespace
}  // namespace weft::base

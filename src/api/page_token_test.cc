#include "api/page_token.h"

#include <gtest/gtest.h>

namespace weft::api {
namespace {

TEST(PageToken, Place_ComesBack) {
  const PageToken tokens("ListX", {"a", "b"});
  const std::string token = tokens.encode("größe:12");
  EXPECT_EQ(token.find("12"), std::string::npos);
  EXPECT_EQ(tokens.decode(token), "größe:12");
  EXPECT_EQ(tokens.decode(""), "");
}

TEST(PageToken, OtherRequestOrGarbage_IsInvalidToken) {
  const PageToken tokens("ListX", {"a", "b"});
  for (const std::string& token :
       {PageToken("ListY", {"a", "b"}).encode("1"), PageToken("ListX", {"ab", ""}).encode("1"),
        std::string("x"), tokens.encode(""), tokens.encode("1") + "g0", tokens.encode("1") + "0"}) {
    const auto place = tokens.decode(token);
    ASSERT_FALSE(place) << token;
    EXPECT_EQ(place.error().code, base::ErrorCode::kInvalidToken);
    EXPECT_EQ(place.error().message, "Invalid Token: 'Invalid token'");
  }
}

}  // namespace
}  // namespace weft::api

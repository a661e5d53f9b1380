#include "aws/sigv4.h"

#include <gtest/gtest.h>

namespace weft::aws {
namespace {

// Facts of AWS's Signature Version 4 test suite ("aws-sig-v4-test-suite"): its credentials, time
// and scope, and the signature of each request; the same come out of botocore.
const Credentials kCredentials{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
constexpr SigningScope kScope{"us-east-1", "service", 1'440'938'160'000};  // 2015-08-30T12:36:00Z
const std::pair<std::string, std::string> kHost{"Host", "example.amazonaws.com"};

std::string authorization(const SignableRequest& request,
                          const Credentials& credentials = kCredentials) {
  return sign(request, credentials, kScope).back().second;
}

std::string signature(const SignableRequest& request) {
  const std::string header = authorization(request);
  return header.substr(header.rfind('=') + 1);
}

TEST(Sign, GetVanilla_HasAllParts) {
  const auto added = sign({.method = "GET", .headers = {kHost}}, kCredentials, kScope);
  ASSERT_EQ(added.size(), 2u);
  EXPECT_EQ(added[0], (std::pair<std::string, std::string>{"X-Amz-Date", "20150830T123600Z"}));
  EXPECT_EQ(added[1].first, "Authorization");
  EXPECT_EQ(added[1].second,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(Sign, PostVanilla) {
  EXPECT_EQ(signature({.method = "POST", .headers = {kHost}}),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST(Sign, GetVanillaQueryOrderKeyCase) {
  EXPECT_EQ(signature({.method = "GET",
                       .query = {{"Param2", "value2"}, {"Param1", "value1"}},
                       .headers = {kHost}}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST(Sign, PostXWwwFormUrlencoded) {
  EXPECT_EQ(signature({.method = "POST",
                       .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, kHost},
                       .body = "Param1=value1"}),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

TEST(Sign, GetHeaderValueTrim) {
  EXPECT_EQ(
      signature({.method = "GET",
                 .headers = {kHost, {"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\" "}}}),
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

TEST(Sign, PostStsHeaderBefore_SignsTheSessionToken) {
  const Credentials session{
      kCredentials.access_key_id, kCredentials.secret_access_key,
      "AQoDYXdzEPT//////////"
      "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIe"
      "oIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/"
      "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5"
      "VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+"
      "scqKmlzm8FDrypNC9Y"
      "jc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="};
  const std::string header = authorization({.method = "POST", .headers = {kHost}}, session);
  EXPECT_TRUE(
      header.ends_with("SignedHeaders=host;x-amz-date;x-amz-security-token, Signature="
                       "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"))
      << header;
}

}  // namespace
}  // namespace weft::aws

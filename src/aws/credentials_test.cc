#include "aws/credentials.h"

#include <map>

#include <gtest/gtest.h>

namespace weft::aws {
namespace {

Environment with(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

constexpr std::string_view kFile =
    "# comment\n[default]\naws_access_key_id=A\naws_secret_access_key = S = \n\n"
    "[ work ]\r\naws_access_key_id = B\r\naws_secret_access_key = T\r\naws_session_token = U\r\n"
    "[role]\nrole_arn = r\n";

TEST(FindCredentials, Environment_Wins) {
  const auto found = find_credentials(
      with(
          {{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "F"}, {"AWS_SESSION_TOKEN", "G"}}),
      "", kFile);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->access_key_id, "E");
  EXPECT_EQ(found->session_token, "G");
}

TEST(FindCredentials, NamedProfile_WinsOverTheEnvironment) {
  const auto found = find_credentials(
      with({{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "F"}}), "work", kFile);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->access_key_id, "B");
  EXPECT_EQ(found->secret_access_key, "T");
  EXPECT_EQ(found->session_token, "U");
}

TEST(FindCredentials, Profile_OfTheEnvironmentOrDefault) {
  EXPECT_EQ(find_credentials(with({}), "", kFile)->secret_access_key, "S =");
  EXPECT_EQ(find_credentials(with({{"AWS_PROFILE", "work"}}), "", kFile)->access_key_id, "B");
}

TEST(FindCredentials, None_SaysWhereItLooked) {
  const auto none = find_credentials(with({{"HOME", "/h"}}), "x", kFile);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("'x' in /h/.aws/credentials"), std::string::npos);
  EXPECT_FALSE(find_credentials(with({}), "role", kFile));
}

}  // namespace
}  // namespace weft::aws

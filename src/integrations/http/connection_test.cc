#include "integrations/http/connection.h"

#include <gtest/gtest.h>

// What connections hold is tested with the requests they go into (http_task_test.cc).

namespace weft::http {
namespace {

TEST(Connection, Name_StandsInItsArn) {
  EXPECT_EQ(
      connection_name("arn:aws:events:us-east-2:123456789012:connection/stripe/81210c42-8af1"),
      "stripe");
  EXPECT_EQ(connection_name("arn:aws:events:us-east-2:123456789012:connection/stripe"), "stripe");
  EXPECT_EQ(connection_name("stripe"), "stripe");
}

TEST(Connection, ReadFlag_NamesWhatIsWrong) {
  for (const char* flag : {"", "name", "=file", "name=", "name=/no/such/file"}) {
    const auto connection = Connection::read_flag(flag);
    ASSERT_FALSE(connection.has_value()) << flag;
    EXPECT_TRUE(connection.error().message.starts_with("--connection ")) << flag;
  }
}

TEST(Connection, Errors_KeepTheSecret) {
  const auto connection = Connection::parse("c", R"({"AuthorizationType":"API_KEY",
      "AuthParameters":{"ApiKeyAuthParameters":{"ApiKeyName":"k","ApiKeyValue":"canary\n"}}})");
  ASSERT_FALSE(connection.has_value());
  EXPECT_EQ(connection.error().message.find("canary"), std::string::npos);
}

}  // namespace
}  // namespace weft::http

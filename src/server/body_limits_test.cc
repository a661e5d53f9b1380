// What each service of the one port takes as a body, and how it refuses more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/router.h"

namespace weft::server {
namespace {

using ::testing::HasSubstr;

net::Request request(std::string method, std::string path, std::string query = "",
                     std::vector<std::pair<std::string, std::string>> headers = {}) {
  net::Request out;
  out.method = std::move(method);
  out.path = std::move(path);
  out.query = std::move(query);
  out.headers.fields = std::move(headers);
  return out;
}

const std::pair<std::string, std::string> kStart{"X-Amz-Target", "AWSStepFunctions.StartExecution"};

TEST(BodyLimit, OnlyObjectsAndPartsMayBeLarge) {
  constexpr uint64_t kMiB = 1u << 20;
  EXPECT_EQ(Router::body_limit(request("PUT", "/photos/key")), UINT64_MAX);
  EXPECT_EQ(Router::body_limit(request("PUT", "/photos/key", "partNumber=1&uploadId=x")),
            UINT64_MAX);
  EXPECT_EQ(Router::body_limit(request("PUT", "/photos/key", "tagging")), 8 * kMiB);
  EXPECT_EQ(Router::body_limit(request("POST", "/photos", "delete")), 8 * kMiB);
  EXPECT_EQ(Router::body_limit(request("POST", "/", "", {kStart})), 8 * kMiB);
  EXPECT_EQ(Router::body_limit(request("PUT", "/photos/key", "", {kStart})), 8 * kMiB);
  EXPECT_EQ(Router::body_limit(request("POST", "/_weft/v1/import/logs")), 64 * kMiB);
  EXPECT_EQ(Router::body_limit(request("POST", "/v1/traces")), 50 * kMiB);
  EXPECT_EQ(Router::body_limit(request("POST", "/Not_A_Bucket")), 8 * kMiB);
}

TEST(BodyRefusal, InTheWordsOfEachService) {
  const net::Response object = Router::refuse_body(request("PUT", "/photos/key"), 413);
  EXPECT_EQ(object.status, 400);
  EXPECT_THAT(object.body, HasSubstr("<Code>EntityTooLarge</Code>"));
  const net::Response busy = Router::refuse_body(request("PUT", "/photos/key"), 503);
  EXPECT_EQ(busy.status, 503);
  EXPECT_THAT(busy.body, HasSubstr("<Code>SlowDown</Code>"));
  EXPECT_EQ(
      Router::refuse_body(request("POST", "/", "", {kStart, {"Content-Length", "9000000"}}), 413)
          .body,
      R"({"__type":"RequestTooLarge","message":"The body has 9000000 bytes, the limit is 8388608"})");
  EXPECT_EQ(
      Router::refuse_body(request("POST", "/_weft/v1/import/logs"), 413).body,
      R"({"error":{"code":"RequestTooLarge","message":"The body has more than 67108864 bytes"}})");
}

}  // namespace
}  // namespace weft::server

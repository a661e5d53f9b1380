#include "aws/json_protocol.h"

#include <gtest/gtest.h>

namespace weft::aws {
namespace {

TEST(JsonResponse, Success_CarriesTheBodyAndARequestId) {
  const net::Response response = json_response(std::string("{}"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(response.headers.get("content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(response.headers.get("x-amzn-requestid").size(), 36u);
}

TEST(JsonResponse, Fault_NamesTypeMessageAndReason) {
  const net::Response response = json_response(
      std::unexpected(Fault(base::ErrorCode::kInvalidArgument, "no \"x\"", "SOME_REASON")));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            R"({"__type":"ValidationException","message":"no \"x\"","reason":"SOME_REASON"})");
  const net::Response broken =
      json_response(std::unexpected(base::Error(base::ErrorCode::kStorage, "disk")));
  EXPECT_EQ(broken.status, 500);
  EXPECT_EQ(broken.body, R"({"__type":"InternalServerError","message":"disk"})");
}

TEST(JsonResponse, FaultOfOneOperation_HasItsOwnName) {
  const net::Response response =
      json_response(std::unexpected(Fault::named("TaskTimedOut", "too late")));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.get("x-amzn-errortype"), "TaskTimedOut");
  EXPECT_EQ(response.body, R"({"__type":"TaskTimedOut","message":"too late"})");
}

TEST(RandomUuid, IsVersionFourAndNew) {
  const std::string uuid = random_uuid();
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(uuid, random_uuid());
}

}  // namespace
}  // namespace weft::aws

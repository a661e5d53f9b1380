#include "aws/step_functions.h"

#include <gtest/gtest.h>

#include "aws/scripted_server.h"

namespace weft::aws {
namespace {

StepFunctions client_of(ScriptedServer& server) {
  return StepFunctions(
      {.region = "eu-west-1",
       .endpoint_url = server.url(),
       .credentials = {"AK", "SK", "ST"},
       .sleep = [&server](std::chrono::milliseconds time) { server.pauses.push_back(time); },
       .now_ms = [] { return base::UnixMs{1'440'938'160'000}; }});
}

TEST(StepFunctions, Call_IsSigned) {
  ScriptedServer script({answer(200, R"({"events":[]})")});
  StepFunctions client = client_of(script);
  const auto reply = client.call("GetExecutionHistory", R"({"executionArn":"a"})");
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(*reply, R"({"events":[]})");
  const net::Request& request = script.requests.front();
  EXPECT_EQ(request.headers.get("X-Amz-Target"), "AWSStepFunctions.GetExecutionHistory");
  EXPECT_EQ(request.headers.get("X-Amz-Date"), "20150830T123600Z");
  EXPECT_EQ(request.headers.get("X-Amz-Security-Token"), "ST");
  EXPECT_TRUE(request.headers.get("Authorization")
                  .starts_with("AWS4-HMAC-SHA256 Credential=AK/20150830/eu-west-1/states/"
                               "aws4_request, SignedHeaders=content-type;host;x-amz-date;"
                               "x-amz-security-token;x-amz-target, Signature="));
  EXPECT_EQ(request.body, R"({"executionArn":"a"})");
}

TEST(StepFunctions, Throttling_IsRepeatedWithLongerPauses) {
  ScriptedServer script({answer(400, R"({"__type":"com.amazonaws.swf.base#ThrottlingException"})"),
                         answer(503, ""), answer(400, R"({"__type":"ThrottlingException"})"),
                         answer(200, "{}")});
  StepFunctions client = client_of(script);
  EXPECT_TRUE(client.call("ListMapRuns", "{}"));
  ASSERT_EQ(script.pauses.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_GE(script.pauses[i], StepFunctions::kFirstPause * (1 << i) / 2);
    EXPECT_LE(script.pauses[i], StepFunctions::kFirstPause * (1 << i));
  }
}

TEST(StepFunctions, Throttling_EndsAfterAllAttempts) {
  std::deque<net::Response> answers;
  for (int i = 0; i < StepFunctions::kAttempts; ++i) {
    answers.push_back(answer(400, R"({"__type":"ThrottlingException","message":"Rate exceeded"})"));
  }
  ScriptedServer script(std::move(answers));
  StepFunctions client = client_of(script);
  EXPECT_EQ(client.call("ListMapRuns", "{}").error().message,
            "ListMapRuns: ThrottlingException: Rate exceeded");
  EXPECT_EQ(script.requests.size(), static_cast<size_t>(StepFunctions::kAttempts));
}

TEST(StepFunctions, OtherErrors_AreAnswersAtOnce) {
  ScriptedServer script(
      {answer(400, R"({"__type":"ExecutionDoesNotExist","message":"gone"})"),
       answer(403, R"({"__type":"x#UnrecognizedClientException","Message":"bad token"})")});
  StepFunctions client = client_of(script);
  EXPECT_EQ(client.call("DescribeExecution", "{}").error().message,
            "DescribeExecution: ExecutionDoesNotExist: gone");
  EXPECT_EQ(client.call("DescribeExecution", "{}").error().message,
            "DescribeExecution: UnrecognizedClientException: bad token");
  EXPECT_TRUE(script.pauses.empty());
}

TEST(EndpointOfRegion, Partitions) {
  EXPECT_EQ(endpoint_of_region("eu-central-1"), "https://states.eu-central-1.amazonaws.com");
  EXPECT_EQ(endpoint_of_region("cn-north-1"), "https://states.cn-north-1.amazonaws.com.cn");
}

}  // namespace
}  // namespace weft::aws

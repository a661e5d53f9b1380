#include "aws/step_functions.h"

#include <atomic>
#include <deque>
#include <mutex>

#include <gtest/gtest.h>

#include "net/loop.h"
#include "net/server.h"

namespace weft::aws {
namespace {

// A server that gives these answers one after the other, and keeps the requests.
class Script {
 public:
  explicit Script(std::deque<net::Response> answers) : answers_(std::move(answers)) {
    loop_.start(1);
    server_ = *net::HttpServer::listen(loop_, "127.0.0.1", 0,
                                       [this](net::Request request, net::Responder respond) {
                                         const std::lock_guard lock(mutex_);
                                         requests.push_back(std::move(request));
                                         net::Response answer = std::move(answers_.front());
                                         answers_.pop_front();
                                         respond(std::move(answer));
                                       });
  }
  ~Script() {
    server_.reset();
    loop_.stop();
  }
  StepFunctions client() {
    return StepFunctions(
        {.region = "eu-west-1",
         .endpoint_url = "http://127.0.0.1:" + std::to_string(server_->port()),
         .credentials = {"AK", "SK", "ST"},
         .sleep = [this](std::chrono::milliseconds time) { pauses.push_back(time); },
         .now_ms = [] { return base::UnixMs{1'440'938'160'000}; }});
  }

  std::vector<net::Request> requests;
  std::vector<std::chrono::milliseconds> pauses;

 private:
  std::mutex mutex_;
  std::deque<net::Response> answers_;
  net::Loop loop_;
  std::unique_ptr<net::HttpServer> server_;
};

net::Response answer(int status, std::string body) {
  net::Response response{.status = status};
  response.body = std::move(body);
  return response;
}

TEST(StepFunctions, Call_IsSigned) {
  Script script({answer(200, R"({"events":[]})")});
  StepFunctions client = script.client();
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
  Script script({answer(400, R"({"__type":"com.amazonaws.swf.base#ThrottlingException"})"),
                 answer(503, ""), answer(400, R"({"__type":"ThrottlingException"})"),
                 answer(200, "{}")});
  StepFunctions client = script.client();
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
  Script script(std::move(answers));
  StepFunctions client = script.client();
  EXPECT_EQ(client.call("ListMapRuns", "{}").error().message,
            "ListMapRuns: ThrottlingException: Rate exceeded");
  EXPECT_EQ(script.requests.size(), static_cast<size_t>(StepFunctions::kAttempts));
}

TEST(StepFunctions, OtherErrors_AreAnswersAtOnce) {
  Script script(
      {answer(400, R"({"__type":"ExecutionDoesNotExist","message":"gone"})"),
       answer(403, R"({"__type":"x#UnrecognizedClientException","Message":"bad token"})")});
  StepFunctions client = script.client();
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

#include "telemetry/intake.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/msgpack_text.h"

namespace weft::telemetry {
namespace {

using testing::HasSubstr;

class IntakeTest : public testing::Test {
 protected:
  IntakeTest() { invocations_.add("r-1", {1, 10}, {1, 2}, 100); }
  net::Response send(std::string method, std::string path, std::string body,
                     std::string type = "application/msgpack") {
    net::Request request{.method = std::move(method), .path = std::move(path)};
    request.headers.set("Content-Type", std::move(type));
    request.body = std::move(body);
    std::promise<net::Response> answered;
    intake_.handle(
        std::move(request),
        [&answered](net::Response response) { answered.set_value(std::move(response)); }, nullptr);
    return answered.get_future().get();
  }
  std::string one_span() {
    return array({array({map({{"trace_id", number(9)},
                              {"span_id", number(3)},
                              {"meta", map({{"request_id", text("r-1")}})}})})});
  }

  bool room_ = true;
  std::vector<SpanBlock> stored_;
  std::vector<LogBlock> logs_;
  Invocations invocations_;
  net::WorkerPool pool_{1};
  Intake intake_{invocations_, pool_,
                 [this](const std::vector<SpanBlock>& blocks) {
                   if (room_) stored_ = blocks;
                   return room_;
                 },
                 [this](const std::vector<LogBlock>& blocks) {
                   if (room_) logs_ = blocks;
                   return room_;
                 },
                 std::chrono::milliseconds(0)};
};

TEST_F(IntakeTest, DatadogTraces_AreStoredAndAnsweredWithRates) {
  net::Response answer = send("PUT", "/v0.4/traces", one_span());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"rate_by_service":{"service:,env:":1.0}})");
  ASSERT_EQ(stored_.size(), 1u);
  EXPECT_EQ(stored_.front().key.index, 10u);
  EXPECT_EQ(send("POST", "/v0.3/traces", one_span()).body, "OK\n");
  EXPECT_EQ(intake_.counts().stored, 2u);
}

TEST_F(IntakeTest, FullStore_DropsAreCounted) {
  room_ = false;
  EXPECT_EQ(send("PUT", "/v0.4/traces", one_span()).status, 200);
  EXPECT_EQ(intake_.counts().dropped, 1u);
  EXPECT_THAT(intake_.counts_json(), HasSubstr(R"("dropped":1)"));
}

TEST_F(IntakeTest, MalformedBodies_AreRefused) {
  EXPECT_EQ(send("PUT", "/v0.5/traces", "x").status, 400);
  EXPECT_EQ(send("POST", "/v1/traces", "{", "application/json").status, 400);
  EXPECT_EQ(send("POST", "/v1/traces", "{}", "text/plain").status, 415);
  EXPECT_EQ(send("GET", "/v0.4/traces", "").status, 405);
  EXPECT_EQ(intake_.counts().refused, 3u);
}

TEST_F(IntakeTest, WhatElseTracersSend_IsAccepted) {
  EXPECT_THAT(send("GET", "/info", "").body, HasSubstr(R"("client_drop_p0s":false)"));
  EXPECT_EQ(send("PUT", "/v0.6/stats", "x").body, "{}");
  EXPECT_EQ(send("POST", "/telemetry/proxy/api/v2/apmtelemetry", "{}").body, "{}");
  EXPECT_EQ(send("POST", "/v1/metrics", "", "application/x-protobuf").status, 200);
  EXPECT_EQ(send("POST", "/v1/logs", "{}", "application/json").body, R"({"partialSuccess":{}})");
}

TEST(IntakeAccepts, ItsPathsOnly) {
  const auto accepts = [](std::string path) {
    return Intake::accepts({.method = "GET", .path = std::move(path)});
  };
  for (const char* path : {"/v0.4/traces", "/v1/traces", "/v1/logs", "/info", "/telemetry/proxy/x"})
    EXPECT_TRUE(accepts(path)) << path;
  for (const char* path :
       {"/", "/photos/info", "/infos", "/v1/other", "/_weft/health", "/telemetry"})
    EXPECT_FALSE(accepts(path)) << path;
}

}  // namespace
}  // namespace weft::telemetry

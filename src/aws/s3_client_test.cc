#include "aws/s3_client.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/scripted_server.h"

namespace weft::aws {
namespace {

S3Options options_for(ScriptedServer& server) {
  return {.endpoint_url = server.url(),
          .region = "eu-west-1",
          .credentials = {"AK", "SK", ""},
          .sleep = [&server](std::chrono::milliseconds time) { server.pauses.push_back(time); },
          .now_ms = [] { return base::UnixMs{1'440'938'160'000}; }};
}

net::Response redirect_to(int status, const std::string& url, const std::string& region = "") {
  net::Response response{.status = status};
  if (!url.empty()) response.headers.set("Location", url + "/somewhere");
  if (!region.empty()) response.headers.set("x-amz-bucket-region", region);
  return response;
}

TEST(S3Client, Call_IsSignedAndEncoded) {
  ScriptedServer server({answer(206, "abc")});
  S3Client client(options_for(server));
  const auto response = client.call({.bucket = "data",
                                     .key = "a b/\u00e9+.csv",
                                     .query = {{"versionId", "v/1"}},
                                     .headers = {{"Range", "bytes=0-2"}}});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "abc");
  const net::Request& request = server.requests.front();
  EXPECT_EQ(request.target, "/data/a%20b/%C3%A9%2B.csv?versionId=v%2F1");
  EXPECT_EQ(request.headers.get("Range"), "bytes=0-2");
  EXPECT_EQ(request.headers.get("X-Amz-Content-Sha256"), sha256_hex(""));
  EXPECT_THAT(std::string(request.headers.get("Authorization")),
              testing::StartsWith("AWS4-HMAC-SHA256 Credential=AK/20150830/eu-west-1/s3/"
                                  "aws4_request, SignedHeaders=host;range;x-amz-content-sha256;"
                                  "x-amz-date, Signature="));
}

TEST(S3Client, WhatPasses_IsRepeated_AndGivenUp) {
  std::deque<net::Response> answers = {answer(503, "<Error><Code>SlowDown</Code></Error>"),
                                       answer(500, ""), answer(200, "yes")};
  for (int i = 0; i < S3Client::kAttempts; ++i)
    answers.push_back(answer(503, "<Error><Code>SlowDown</Code><Message>Less</Message></Error>"));
  ScriptedServer server(std::move(answers));
  S3Client client(options_for(server));
  EXPECT_EQ(client.call({.bucket = "b"})->body, "yes");
  EXPECT_EQ(server.pauses.size(), 2U);
  const auto failed = client.call({.bucket = "b"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "SlowDown: Less");
  EXPECT_EQ(server.requests.size(), 3U + S3Client::kAttempts);
}

TEST(S3Client, OtherAnswersComeBackAtOnce) {
  ScriptedServer server(
      {answer(404, "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>"),
       answer(403, "no XML")});
  S3Client client(options_for(server));
  EXPECT_EQ(s3_failure(*client.call({.bucket = "b", .key = "k"})), "NoSuchKey: gone");
  EXPECT_EQ(s3_failure(*client.call({.bucket = "b", .key = "k"})),
            "the S3 server answers with status 403");
  EXPECT_TRUE(server.pauses.empty());
}

TEST(S3Client, RedirectIsFollowed_AndRemembered) {
  ScriptedServer target({answer(200, "1"), answer(200, "2")});
  ScriptedServer server({redirect_to(307, target.url()), answer(200, "other")});
  S3Client client(options_for(server));
  EXPECT_EQ(client.call({.bucket = "moved", .key = "k"})->body, "1");
  EXPECT_EQ(client.call({.bucket = "moved", .key = "k"})->body, "2");
  EXPECT_EQ(client.call({.bucket = "here", .key = "k"})->body, "other");
  EXPECT_EQ(target.requests.front().path, "/moved/k");
  EXPECT_EQ(target.requests.front().headers.get("Host"), target.url().substr(7));
}

TEST(S3Client, OtherRegion_IsSignedFor) {
  ScriptedServer server({redirect_to(400, "", "us-west-2"), answer(200, "yes")});
  S3Client client(options_for(server));
  EXPECT_EQ(client.call({.bucket = "b"})->body, "yes");
  EXPECT_THAT(std::string(server.requests.back().headers.get("Authorization")),
              testing::HasSubstr("/us-west-2/s3/"));
}

TEST(S3Client, RedirectThatLeadsNowhere_IsAnAnswer) {
  ScriptedServer server({redirect_to(301, "")});
  S3Client client(options_for(server));
  EXPECT_EQ(client.call({.bucket = "b"})->status, 301);
}

TEST(S3Client, Stop_EndsACallThatWaits) {
  // Nobody answers: a listening socket that accepts and stays silent.
  net::Loop loop;
  loop.start(1);
  std::vector<net::Responder> kept;
  sync::Mutex mutex;
  auto silent =
      *net::HttpServer::listen(loop, "127.0.0.1", 0, [&](net::Request, net::Responder respond) {
        const sync::MutexLock lock(mutex);
        kept.push_back(std::move(respond));
      });
  S3Client client({.endpoint_url = "http://127.0.0.1:" + std::to_string(silent->port()),
                   .region = "us-east-1",
                   .credentials = {"AK", "SK", ""}});
  std::thread caller([&] {
    const auto failed = client.call({.bucket = "b"});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "Weft ends");
  });
  client.stop();
  caller.join();
  {
    const sync::MutexLock lock(mutex);
    kept.clear();
  }
  silent.reset();
  loop.stop();
}

}  // namespace
}  // namespace weft::aws

#include "integrations/s3/remote_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/scripted_server.h"

namespace weft::s3 {
namespace {

using aws::answer;
using aws::ScriptedServer;

net::Response with(net::Response response,
                   const std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& [name, value] : headers) response.headers.set(name, value);
  return response;
}
net::Response head(const std::string& etag, const std::string& length) {
  return with(answer(200, ""), {{"ETag", etag}, {"Content-Length", length}});
}

std::unique_ptr<ObjectSource> source_for(const ScriptedServer& server) {
  return all_buckets(nullptr, {.buckets = {{"here", server.url(), "there"}},
                               .endpoint_url = {},
                               .region = "us-east-1",
                               .credentials = {"AK", "SK", ""}});
}

TEST(RemoteObjects, AreReadInRangesOfOneVersion) {
  ScriptedServer server({head("\"e1\"", "5"), with(answer(206, "bcd"), {{"ETag", "\"e1\""}})});
  auto source = source_for(server);
  auto bytes = source->open({"here", "k.csv", "v7"}, nullptr);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ((*bytes)->version(), "e1");
  EXPECT_EQ((*bytes)->read(1, 3).value_or("failed"), "bcd");
  EXPECT_EQ((*bytes)->read(5, 3).value_or("failed"), "");
  ASSERT_EQ(server.requests.size(), 2U);
  EXPECT_EQ(server.requests[1].target, "/there/k.csv?versionId=v7");
  EXPECT_EQ(server.requests[1].headers.get("Range"), "bytes=1-3");
  EXPECT_EQ(server.requests[1].headers.get("If-Match"), "\"e1\"");
}

TEST(RemoteObjects, ThatChange_FailWhetherTheServerLooksOrNot) {
  ScriptedServer server({head("\"e1\"", "5"), answer(412, ""),
                         with(answer(206, "a"), {{"ETag", "\"e2\""}}), answer(206, "a"),
                         with(answer(200, "other"), {{"ETag", "\"e1\""}})});
  auto source = source_for(server);
  auto bytes = source->open({"here", "k", ""}, nullptr);
  ASSERT_TRUE(bytes);
  EXPECT_EQ((*bytes)->read(0, 1).error().message, object_changed().message);
  EXPECT_EQ((*bytes)->read(0, 1).error().message, object_changed().message);
  EXPECT_EQ((*bytes)->read(0, 2).error().message, "the S3 server sends less than it was asked for");
  // A server without ranges, and an object that fits into one.
  EXPECT_EQ((*bytes)->read(0, 5).value_or("failed"), "other");
}

TEST(RemoteObjects, ThatAreMissing_SayWhatTheServerSays) {
  ScriptedServer server(
      {answer(404, ""), answer(404, "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"),
       answer(403, ""),
       answer(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")});
  auto source = source_for(server);
  EXPECT_EQ(source->open({"here", "k", ""}, nullptr).error().message, "NoSuchKey: none");
  EXPECT_EQ(source->open({"here", "k", ""}, nullptr).error().message, "AccessDenied: no");
  EXPECT_EQ(source->open({"nowhere", "k", ""}, nullptr).error().message,
            "The specified bucket does not exist");
}

TEST(RemoteObjects, AreListed) {
  ScriptedServer server({answer(200, R"(<?xml version="1.0"?><ListBucketResult
    xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>
    <IsTruncated>true</IsTruncated><Contents><Key>a+b%2Bc/%C3%A9</Key>
    <LastModified>2026-11-01T00:00:01.000Z</LastModified><ETag>&quot;e&quot;</ETag>
    <Size>7</Size></Contents></ListBucketResult>)"),
                         answer(200, "<html/>")});
  auto source = source_for(server);
  const auto page = source->list("here", "a b", "a a", 10);
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->truncated);
  ASSERT_EQ(page->objects.size(), 1U);
  EXPECT_EQ(page->objects[0].key, "a b+c/\u00e9");
  EXPECT_EQ(page->objects[0].etag, "\"e\"");
  EXPECT_EQ(page->objects[0].size, 7U);
  EXPECT_EQ(page->objects[0].last_modified_ms, 1'793'491'201'000);
  EXPECT_EQ(page->objects[0].storage_class, "STANDARD");
  EXPECT_EQ(server.requests[0].target,
            "/there?list-type=2&encoding-type=url&max-keys=10&prefix=a%20b&start-after=a%20a");
  EXPECT_EQ(source->list("here", "", "", 10).error().message,
            "the S3 server's listing is no ListBucketResult");
}

TEST(RemoteBucket, Addresses) {
  const auto plain = parse_remote_bucket("photos", "https://s3.eu-west-1.amazonaws.com");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->endpoint_url, "https://s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(plain->bucket, "photos");
  const auto other = parse_remote_bucket("photos", "http://localhost:9000/real-name/");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->endpoint_url, "http://localhost:9000");
  EXPECT_EQ(other->bucket, "real-name");
  EXPECT_FALSE(parse_remote_bucket("photos", "http://localhost:9000/a/b"));
  EXPECT_FALSE(parse_remote_bucket("photos", "ftp://localhost/a"));
}

}  // namespace
}  // namespace weft::s3

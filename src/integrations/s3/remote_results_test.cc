#include "integrations/s3/remote_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/scripted_server.h"
#include "integrations/s3/remote_objects.h"

namespace weft::s3 {
namespace {

using aws::answer;
using aws::ScriptedServer;

net::Response part(const std::string& etag) {
  net::Response response = answer(200, "");
  response.headers.set("ETag", etag);
  return response;
}

class RemoteResultsTest : public ::testing::Test {
 protected:
  // The bucket behind a server that says it is there and then gives `answers`.
  void open(std::deque<net::Response> answers) {
    answers.push_front(answer(200, ""));
    server_ = std::make_unique<ScriptedServer>(std::move(answers));
    source_ = all_buckets(nullptr, {.buckets = {{"here", server_->url(), "there"}},
                                    .endpoint_url = {},
                                    .region = "us-east-1",
                                    .credentials = {"AK", "SK", ""}});
    auto bucket = source_->results("here");
    ASSERT_TRUE(bucket) << bucket.error().message;
    bucket_ = std::move(*bucket);
  }
  // "PUT /there/k" of the requests behind the first.
  std::vector<std::string> asked() const {
    std::vector<std::string> all;
    for (size_t i = 1; i < server_->requests.size(); ++i)
      all.push_back(server_->requests[i].method + " " + server_->requests[i].target);
    return all;
  }

  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<ObjectSource> source_;
  std::unique_ptr<maprun::ResultBucket> bucket_;
};

TEST_F(RemoteResultsTest, SmallFileIsPutAtOnce) {
  open({answer(200, ""), answer(204, "")});
  auto object = *bucket_->create("p/a b.json");
  ASSERT_TRUE(object->append("[1,"));
  ASSERT_TRUE(object->append("2]"));
  ASSERT_TRUE(object->finish());
  object.reset();
  ASSERT_TRUE(bucket_->remove("p/a b.json"));
  EXPECT_THAT(asked(),
              testing::ElementsAre("PUT /there/p/a%20b.json", "DELETE /there/p/a%20b.json"));
  EXPECT_EQ(server_->requests[1].body, "[1,2]");
}

constexpr const char* kBegun =
    "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";

TEST_F(RemoteResultsTest, LargeFileGoesUpInParts_AfterWhatACrashLeft) {
  open({answer(200, R"(<ListMultipartUploadsResult>
          <Upload><Key>k</Key><UploadId>old</UploadId></Upload>
          <Upload><Key>k2</Key><UploadId>other</UploadId></Upload></ListMultipartUploadsResult>)"),
        answer(204, ""), answer(200, kBegun), part("\"e1\""), part("\"e2\""),
        answer(200, "<CompleteMultipartUploadResult/>")});
  auto object = *bucket_->create("k");
  const std::string text(9u << 20, 'x');
  ASSERT_TRUE(object->append(text));
  ASSERT_TRUE(object->finish());
  object.reset();
  EXPECT_THAT(asked(), testing::ElementsAre(
                           "GET /there?uploads=&prefix=k", "DELETE /there/k?uploadId=old",
                           "POST /there/k?uploads=", "PUT /there/k?partNumber=1&uploadId=u1",
                           "PUT /there/k?partNumber=2&uploadId=u1", "POST /there/k?uploadId=u1"));
  EXPECT_EQ(server_->requests[4].body.size(), 8u << 20);
  EXPECT_EQ(server_->requests[5].body.size(), 1u << 20);
  EXPECT_EQ(server_->requests[6].body,
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;e1&quot;</ETag>"
            "</Part><Part><PartNumber>2</PartNumber><ETag>&quot;e2&quot;</ETag></Part>"
            "</CompleteMultipartUpload>");
}

// A server without listings of uploads is no hindrance; one that fails in its last answer is told,
// and the parts are given up.
TEST_F(RemoteResultsTest, UploadThatFailsIsGivenUp) {
  open({answer(501, ""), answer(200, kBegun), part("e1"), part("e2"),
        answer(200, "<Error><Code>Broken</Code><Message>no</Message></Error>"), answer(204, "")});
  auto object = *bucket_->create("k");
  ASSERT_TRUE(object->append(std::string(9u << 20, 'x')));
  const auto finished = object->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, base::ErrorCode::kIo);
  EXPECT_EQ(finished.error().message, "Writing 's3://there/k' failed: Broken: no");
  object.reset();
  EXPECT_EQ(asked().back(), "DELETE /there/k?uploadId=u1");
}

TEST(RemoteResults, BucketThatIsMissingOrForbidden) {
  ScriptedServer server({answer(404, ""), answer(403, "")});
  auto source = all_buckets(nullptr, {.buckets = {{"here", server.url(), "there"}},
                                      .endpoint_url = {},
                                      .region = "us-east-1",
                                      .credentials = {"AK", "SK", ""}});
  EXPECT_EQ(source->results("here").error().message,
            "The bucket 'there' of the ResultWriter does not exist");
  EXPECT_EQ(source->results("here").error().message,
            "The bucket 'there' of the ResultWriter cannot be reached: the S3 server answers with "
            "status 403");
  EXPECT_EQ(source->results("nowhere").error().message,
            "The bucket 'nowhere' of the ResultWriter does not exist");
}

}  // namespace
}  // namespace weft::s3

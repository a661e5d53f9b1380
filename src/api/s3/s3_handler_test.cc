#include "api/s3/s3_handler.h"

#include <fstream>

#include <gtest/gtest.h>

#include "api/s3/aws_chunked.h"
#include "api/s3/conditions.h"
#include "api/s3/s3_fixture.h"
#include "base/time.h"

namespace weft::api {
namespace {

TEST_F(S3HandlerTest, PutGetHeadDelete_RoundTrip) {
  auto put = send("PUT", "/photos/in/a%20b.txt", "hello",
                  {{"Content-Type", "text/plain"}, {"x-amz-meta-who", "me"}});
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.headers.get("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(bucket_.read_file("in/a b.txt"), "hello");
  auto got = send("GET", "/photos/in/a%20b.txt?response-content-type=text/x&x-id=GetObject", "",
                  {{"Authorization", "AWS4-HMAC-SHA256 Credential=a"}});
  EXPECT_EQ(content_of(got), "hello");
  EXPECT_EQ(got.headers.get("content-type"), "text/x");
  EXPECT_EQ(got.headers.get("x-amz-meta-who"), "me");
  EXPECT_NE(got.headers.get("x-amz-request-id"), "");
  auto head = send("HEAD", "/photos/in/a%20b.txt");
  EXPECT_EQ(head.headers.get("content-length"), "5");
  EXPECT_EQ(send("DELETE", "/photos/in/a%20b.txt").status, 204);
  EXPECT_EQ(code_of(send("GET", "/photos/in/a%20b.txt")), "NoSuchKey");
}

TEST_F(S3HandlerTest, WhoDoesNotSign_DoesNotSayAsWhatAnObjectIsShown) {
  bucket_.write_file("a.jpg", "<script>");
  for (const char* name : {"content-type", "content-language", "expires", "cache-control",
                           "content-encoding", "content-disposition"}) {
    const std::string path = std::string("/photos/a.jpg?response-") + name + "=text/html";
    const auto refused = send("GET", path);
    EXPECT_EQ(refused.status, 400) << name;
    EXPECT_EQ(code_of(refused), "InvalidRequest") << name;
    EXPECT_EQ(send("HEAD", path).status, 400) << name;
    EXPECT_EQ(send("GET", path + "&X-Amz-Signature=0").status, 200) << name;
  }
}

TEST_F(S3HandlerTest, EncodedTraversal_ReadsNothingOutside) {
  std::ofstream(bucket_.outside() / "secret.txt") << "secret";
  bucket_.write_file("in/a", "a");
  for (const char* path : {"/photos/..%2fsecret.txt", "/photos/%2e%2e/secret.txt",
                           "/photos/in/..%2f..%2fsecret.txt", "/photos/./%2e%2e%2fsecret.txt"}) {
    EXPECT_EQ(code_of(send("GET", path)), "NoSuchKey") << path;
    EXPECT_EQ(code_of(send("PUT", "/photos/copy", "", {{"x-amz-copy-source", path}})), "NoSuchKey")
        << path;
  }
}

TEST_F(S3HandlerTest, EncodedTraversal_StaysInside) {
  for (const char* path : {"/photos/..%2f..%2fetc/passwd", "/photos/%2e%2e/%2e%2e/etc/passwd",
                           "/photos/../../etc/passwd", "/photos/a%00b", "/photos//etc/passwd",
                           "/photos/%2fetc/passwd"}) {
    EXPECT_EQ(code_of(send("GET", path)), "NoSuchKey") << path;
    EXPECT_EQ(code_of(send("PUT", path, "x")), "InvalidArgument") << path;
  }
  EXPECT_EQ(code_of(send("GET", "/photos/%zz")), "InvalidURI");
}

TEST_F(S3HandlerTest, Ranges) {
  bucket_.write_file("ten", "0123456789");
  struct Case {
    const char* range;
    int status;
    const char* content;
    const char* content_range;
  };
  for (const Case& each :
       {Case{"bytes=0-3", 206, "0123", "bytes 0-3/10"},
        Case{"bytes=7-", 206, "789", "bytes 7-9/10"}, Case{"bytes=-2", 206, "89", "bytes 8-9/10"},
        Case{"bytes=-20", 206, "0123456789", "bytes 0-9/10"},
        Case{"bytes=9-100", 206, "9", "bytes 9-9/10"}, Case{"bytes=0-1,3-4", 200, "0123456789", ""},
        Case{"bytes=5-2", 200, "0123456789", ""}, Case{"items=0-1", 200, "0123456789", ""},
        Case{"bytes=-", 200, "0123456789", ""}}) {
    auto got = send("GET", "/photos/ten", "", {{"Range", each.range}});
    EXPECT_EQ(got.status, each.status) << each.range;
    EXPECT_EQ(content_of(got), each.content) << each.range;
    EXPECT_EQ(got.headers.get("content-range"), each.content_range) << each.range;
  }
  for (const char* range : {"bytes=10-", "bytes=10-20", "bytes=-0"}) {
    EXPECT_EQ(code_of(send("GET", "/photos/ten", "", {{"Range", range}})), "InvalidRange") << range;
  }
}

TEST_F(S3HandlerTest, Conditions) {
  bucket_.write_file("a", "hello");
  const std::string etag = "\"5d41402abc4b2a76b9719d911017c592\"";
  const std::string past = "Tue, 15 Nov 1994 08:12:31 GMT";
  const std::string future = "Fri, 15 Nov 2199 08:12:31 GMT";
  struct Case {
    const char* name;
    std::string value;
    int status;
  };
  for (const Case& each :
       {Case{"If-Match", etag, 200}, Case{"If-Match", "*", 200}, Case{"If-Match", "\"x\"", 412},
        Case{"If-None-Match", etag, 304}, Case{"If-None-Match", "\"x\", W/\"y\"", 200},
        Case{"If-Modified-Since", past, 200}, Case{"If-Modified-Since", future, 304},
        Case{"If-Unmodified-Since", past, 412}, Case{"If-Unmodified-Since", future, 200},
        Case{"If-Modified-Since", "x", 200}}) {
    EXPECT_EQ(send("GET", "/photos/a", "", {{each.name, each.value}}).status, each.status)
        << each.name << " " << each.value;
  }
  EXPECT_EQ(send("PUT", "/photos/a", "x", {{"If-None-Match", "*"}}).status, 412);
  EXPECT_EQ(send("PUT", "/photos/a", "x", {{"If-Match", "\"x\""}}).status, 412);
  EXPECT_EQ(send("PUT", "/photos/a", "x", {{"If-Match", etag}}).status, 200);
}

TEST_F(S3HandlerTest, AwsChunkedBody_IsStoredDecoded) {
  std::string body =
      "5;chunk-signature=abc\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
  auto put = send("PUT", "/photos/chunked", body,
                  {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                   {"Content-Encoding", "aws-chunked"},
                   {"x-amz-decoded-content-length", "11"}});
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(bucket_.read_file("chunked"), "hello world");
  EXPECT_EQ(send("GET", "/photos/chunked").headers.find("content-encoding"), std::nullopt);
  for (const char* broken : {"5\r\nhel", "x\r\n", "5\r\nhelloworld", "", "5\nhello\r\n0\r\n"}) {
    auto refused = send("PUT", "/photos/broken", broken,
                        {{"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}});
    EXPECT_EQ(refused.status, 400) << broken;
  }
  EXPECT_EQ(send("GET", "/photos/broken").status, 404);
}

TEST(AwsChunked, AnyCutOfTheInput_DecodesTheSame) {
  std::string body = "3;chunk-signature=1\r\nabc\r\nA\r\n0123456789\r\n0;chunk-signature=2\r\n\r\n";
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    AwsChunkedDecoder decoder;
    std::string out;
    auto sink = [&](std::string_view bytes) -> s3::S3Result<void> {
      out += bytes;
      return {};
    };
    ASSERT_TRUE(decoder.feed(body.substr(0, cut), sink).has_value());
    ASSERT_TRUE(decoder.feed(body.substr(cut), sink).has_value());
    EXPECT_TRUE(decoder.is_complete());
    EXPECT_EQ(out, "abc0123456789");
  }
}

TEST_F(S3HandlerTest, ContentMd5_IsChecked) {
  EXPECT_EQ(send("PUT", "/photos/m", "hello", {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}}).status,
            200);
  EXPECT_EQ(
      code_of(send("PUT", "/photos/m", "other", {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}})),
      "BadDigest");
  EXPECT_EQ(code_of(send("PUT", "/photos/m", "other", {{"Content-MD5", "short"}})),
            "InvalidDigest");
  EXPECT_EQ(bucket_.read_file("m"), "hello");
}

TEST_F(S3HandlerTest, ListV2_PagesAndEncodes) {
  for (const char* key : {"a b", "c/1", "c/2", "d&<"}) bucket_.write_file(key, "1");
  auto first = send("GET", "/photos?list-type=2&delimiter=%2F&max-keys=2&encoding-type=url");
  pugi::xml_document document;
  document.load_string(first.body.c_str());
  auto root = document.child("ListBucketResult");
  EXPECT_STREQ(root.child("Contents").child_value("Key"), "a%20b");
  EXPECT_STREQ(root.child("CommonPrefixes").child_value("Prefix"), "c/");
  EXPECT_STREQ(root.child_value("KeyCount"), "2");
  EXPECT_STREQ(root.child_value("IsTruncated"), "true");
  auto second = send("GET", std::string("/photos/?list-type=2&delimiter=%2F&continuation-token=") +
                                root.child_value("NextContinuationToken"));
  document.load_string(second.body.c_str());
  EXPECT_STREQ(document.child("ListBucketResult").child("Contents").child_value("Key"), "d&<");
  EXPECT_EQ(code_of(send("GET", "/photos?list-type=2&continuation-token=x")), "InvalidArgument");
  EXPECT_EQ(code_of(send("GET", "/photos?list-type=2&max-keys=-1")), "InvalidArgument");
}

TEST_F(S3HandlerTest, CopyKeepsOrReplacesMetadata) {
  send("PUT", "/photos/src", "hello", {{"Content-Type", "text/plain"}, {"x-amz-meta-a", "1"}});
  EXPECT_EQ(send("PUT", "/photos/copy", "", {{"x-amz-copy-source", "/photos/src"}}).status, 200);
  EXPECT_EQ(send("HEAD", "/photos/copy").headers.get("x-amz-meta-a"), "1");
  send("PUT", "/photos/copy", "",
       {{"x-amz-copy-source", "photos/src"},
        {"x-amz-metadata-directive", "REPLACE"},
        {"x-amz-meta-b", "2"}});
  EXPECT_EQ(send("HEAD", "/photos/copy").headers.get("x-amz-meta-a"), "");
  EXPECT_EQ(send("HEAD", "/photos/copy").headers.get("x-amz-meta-b"), "2");
  EXPECT_EQ(bucket_.read_file("copy"), "hello");
  EXPECT_EQ(code_of(send("PUT", "/photos/src", "", {{"x-amz-copy-source", "/photos/src"}})),
            "InvalidRequest");
  EXPECT_EQ(code_of(send("PUT", "/photos/x", "", {{"x-amz-copy-source", "/photos/none"}})),
            "NoSuchKey");
  EXPECT_EQ(code_of(send("PUT", "/photos/x", "", {{"x-amz-copy-source", "/none/none"}})),
            "NoSuchBucket");
  EXPECT_EQ(code_of(send(
                "PUT", "/photos/x", "",
                {{"x-amz-copy-source", "/photos/src"}, {"x-amz-copy-source-if-none-match", "*"}})),
            "PreconditionFailed");
}

TEST_F(S3HandlerTest, DeleteObjects_AnswersEachKey) {
  bucket_.write_file("a", "1");
  bucket_.write_file("b", "1");
  auto deleted = send("POST", "/photos?delete",
                      "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></"
                      "Object><Object><Key>none</Key></Object></Delete>");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_NE(deleted.body.find("<Deleted><Key>none</Key></Deleted>"), std::string::npos);
  EXPECT_TRUE(bucket_->list({})->objects.empty());
  EXPECT_EQ(code_of(send("POST", "/photos?delete", "<Delete>")), "MalformedXML");
  EXPECT_EQ(code_of(send("POST", "/photos?delete", "<Delete/>")), "MalformedXML");
}

TEST_F(S3HandlerTest, XmlBombs_AreNotUnpacked) {
  const std::string bomb =
      "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
      "<Delete><Object><Key>&b;</Key></Object></Delete>";
  const auto deleted = send("POST", "/photos?delete", bomb);
  EXPECT_EQ(deleted.status, 200);
  EXPECT_NE(deleted.body.find("<Deleted><Key>&amp;b;</Key></Deleted>"), std::string::npos);
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_EQ(code_of(send("POST", "/photos?delete", deep)), "MalformedXML");
  for (int i = 0; i < 200'000; ++i) deep += "</a>";
  EXPECT_EQ(code_of(send("POST", "/photos?delete", deep)), "MalformedXML");
}

TEST_F(S3HandlerTest, Multipart_RoundTrip) {
  auto created = send("POST", "/photos/big?uploads", "", {{"Content-Type", "video/mp4"}});
  pugi::xml_document document;
  document.load_string(created.body.c_str());
  std::string id = document.child("InitiateMultipartUploadResult").child_value("UploadId");
  auto part = send("PUT", "/photos/big?partNumber=1&uploadId=" + id, "hello ");
  EXPECT_EQ(part.status, 200);
  bucket_.write_file("source", "xxworldxx");
  auto copied =
      send("PUT", "/photos/big?partNumber=2&uploadId=" + id, "",
           {{"x-amz-copy-source", "/photos/source"}, {"x-amz-copy-source-range", "bytes=2-6"}});
  EXPECT_EQ(copied.status, 200) << copied.body;
  EXPECT_NE(send("GET", "/photos/big?uploadId=" + id).body.find("<PartNumber>2</PartNumber>"),
            std::string::npos);
  EXPECT_NE(send("GET", "/photos?uploads").body.find(id), std::string::npos);
  auto completed =
      send("POST", "/photos/big?uploadId=" + id,
           "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
               std::string(part.headers.get("etag")) +
               "</ETag></Part><Part><PartNumber>2</PartNumber></Part></CompleteMultipartUpload>");
  EXPECT_EQ(completed.status, 200) << completed.body;
  EXPECT_EQ(bucket_.read_file("big"), "hello world");
  EXPECT_EQ(send("HEAD", "/photos/big").headers.get("content-type"), "video/mp4");
  EXPECT_EQ(code_of(send("DELETE", "/photos/big?uploadId=" + id)), "NoSuchUpload");
}

TEST_F(S3HandlerTest, WhatIsNotOffered_SaysSo) {
  auto acl = send("GET", "/photos?acl");
  EXPECT_EQ(acl.status, 501);
  EXPECT_NE(acl.body.find("?acl"), std::string::npos);
  EXPECT_EQ(code_of(send("PUT", "/photos?versioning")), "NotImplemented");
  EXPECT_EQ(code_of(send("GET", "/none")), "NoSuchBucket");
  EXPECT_EQ(code_of(send("GET", "/none/key")), "NoSuchBucket");
  EXPECT_EQ(code_of(send("PATCH", "/photos/a")), "MethodNotAllowed");
  EXPECT_NE(send("GET", "/").body.find("<Name>photos</Name>"), std::string::npos);
  EXPECT_EQ(send("HEAD", "/photos").status, 200);
  EXPECT_NE(send("GET", "/photos?location").body.find("LocationConstraint"), std::string::npos);
}

TEST(S3Router, IsS3Request) {
  auto ask = [](std::string method, std::string path,
                std::vector<std::pair<std::string, std::string>> headers = {}) {
    net::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers.fields = std::move(headers);
    return is_s3_request(request, [](std::string_view first) { return first == "_weft"; });
  };
  EXPECT_TRUE(ask("GET", "/"));
  EXPECT_TRUE(ask("GET", "/photos"));
  EXPECT_TRUE(ask("PUT", "/photos/_weft/x"));
  EXPECT_TRUE(ask("PUT", "/a..b")) << "S3 says what is wrong with the name";
  EXPECT_FALSE(ask("POST", "/", {{"X-Amz-Target", "AWSStepFunctions.StartExecution"}}));
  EXPECT_FALSE(ask("GET", "/", {{"Accept", "text/html,*/*"}}));
  const std::pair<std::string, std::string> named{"Host", "photos.localhost:9338"};
  EXPECT_TRUE(ask("GET", "/", {named}));
  EXPECT_TRUE(ask("PUT", "/", {named})) << "CreateBucket";
  EXPECT_TRUE(ask("DELETE", "/", {named}));
  EXPECT_FALSE(ask("PUT", "/")) << "no bucket is named";
  EXPECT_TRUE(ask("GET", "/a/b", {named}));
  EXPECT_TRUE(ask("GET", "/A_key", {named}));
  EXPECT_FALSE(ask("GET", "/_weft/ui/", {named}));
  EXPECT_FALSE(ask("GET", "/", {named, {"Accept", "text/html"}}));
  EXPECT_FALSE(ask("POST", "/", {named, {"X-Amz-Target", "AWSStepFunctions.StartExecution"}}));
  EXPECT_TRUE(ask("GET", "/_weft/ui/", {{"Host", "photos.s3.localhost"}}));
  for (const char* path : {"/_weft/ui/", "/_weft", "", "*"}) {
    EXPECT_FALSE(ask("GET", path)) << path;
  }
}

TEST(Conditions, HttpDates_RoundTrip) {
  EXPECT_EQ(parse_http_date("Tue, 15 Nov 1994 08:12:31 GMT"), 784887151);
  EXPECT_EQ(parse_http_date(base::format_http_date(1'700'000'000'000)), 1'700'000'000);
  EXPECT_EQ(parse_http_date("1994-11-15"), std::nullopt);
}

}  // namespace
}  // namespace weft::api

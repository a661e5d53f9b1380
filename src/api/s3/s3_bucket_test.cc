// Making and removing buckets, tags, hosts that name a bucket, and checksums of bodies.
#include "api/s3/checksum.h"
#include "api/s3/s3_fixture.h"
#include "base/encoding.h"

namespace weft::api {
namespace {

TEST_F(S3HandlerTest, CreateBucket_MakesAFolderAtHome) {
  auto made = send("PUT", "/new-bucket", "<CreateBucketConfiguration/>");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.headers.get("location"), "/new-bucket");
  EXPECT_TRUE(std::filesystem::is_directory(home() / "new-bucket"));
  EXPECT_EQ(send("PUT", "/new-bucket").status, 200) << "it is ours already";
  EXPECT_EQ(send("PUT", "/photos").status, 200) << "as is one that was named";
  EXPECT_EQ(code_of(send("PUT", "/No_Bucket")), "InvalidBucketName");
  EXPECT_EQ(send("PUT", "/new-bucket/a/b", "x").status, 200);
  EXPECT_EQ(content_of(send("GET", "/new-bucket/a/b")), "x");
}

TEST_F(S3HandlerTest, DeleteBucket_OnlyEmptyOnesAtHome) {
  EXPECT_EQ(send("PUT", "/new-bucket").status, 200);
  EXPECT_EQ(send("PUT", "/new-bucket/a/b", "x").status, 200);
  EXPECT_EQ(code_of(send("DELETE", "/new-bucket")), "BucketNotEmpty");
  EXPECT_EQ(send("DELETE", "/new-bucket/a/b").status, 204);
  EXPECT_EQ(send("DELETE", "/new-bucket").status, 204);
  EXPECT_FALSE(std::filesystem::exists(home() / "new-bucket"));
  EXPECT_EQ(code_of(send("DELETE", "/new-bucket")), "NoSuchBucket");
  EXPECT_EQ(code_of(send("DELETE", "/photos")), "MethodNotAllowed");
  EXPECT_EQ(code_of(send("PUT", "/new-bucket/a", "x")), "NoSuchBucket");
}

TEST_F(S3HandlerTest, SubfoldersOfHome_AreBuckets) {
  std::filesystem::create_directory(home() / "older");
  std::ofstream(home() / "older" / "k") << "old";
  std::ofstream(home() / "a-file") << "";
  std::filesystem::create_directory(home() / "Not_A_Bucket");
  EXPECT_EQ(content_of(send("GET", "/older/k")), "old");
  const std::string listed = send("GET", "/").body;
  EXPECT_NE(listed.find("<Name>older</Name>"), std::string::npos);
  EXPECT_EQ(listed.find("a-file"), std::string::npos);
  EXPECT_EQ(listed.find("Not_A_Bucket"), std::string::npos);
  // Another folder takes the name: what was open before is not served on.
  std::filesystem::remove_all(home() / "older");
  EXPECT_EQ(code_of(send("GET", "/older/k")), "NoSuchBucket");
  std::filesystem::create_directory(home() / "older");
  EXPECT_EQ(code_of(send("GET", "/older/k")), "NoSuchKey");
}

TEST_F(S3HandlerTest, ListBuckets_TellsWhenADirectoryWasMade) {
  const std::string listed = send("GET", "/").body;
  const size_t at = listed.find("<CreationDate>") + 14;
  const std::string date = listed.substr(at, listed.find('<', at) - at);
  EXPECT_GT(date, "2020-") << listed;
}

TEST_F(S3HandlerTest, NothingOfWeftsLiesInTheBucket) {
  EXPECT_EQ(send("PUT", "/photos/a", "x").status, 200);
  const std::string created = send("POST", "/photos/big?uploads").body;
  const size_t at = created.find("<UploadId>") + 10;
  const std::string id = created.substr(at, created.find('<', at) - at);
  EXPECT_EQ(send("PUT", "/photos/big?partNumber=1&uploadId=" + id, "part").status, 200);
  EXPECT_EQ(send("DELETE", "/photos/a").status, 204);
  EXPECT_TRUE(std::filesystem::is_empty(bucket_.path()));
}

std::string tag_set(const std::vector<std::pair<std::string, std::string>>& tags) {
  std::string out = "<Tagging><TagSet>";
  for (const auto& [name, value] : tags)
    out += "<Tag><Key>" + name + "</Key><Value>" + value + "</Value></Tag>";
  return out + "</TagSet></Tagging>";
}

TEST_F(S3HandlerTest, Tags_AreKeptWithTheObject) {
  EXPECT_EQ(send("PUT", "/photos/a", "x", {{"x-amz-tagging", "k=v%20w&l="}}).status, 200);
  auto got = send("GET", "/photos/a");
  EXPECT_EQ(got.headers.get("x-amz-tagging-count"), "2");
  EXPECT_EQ(got.headers.find("x-amz-tagging"), std::nullopt);
  EXPECT_NE(send("GET", "/photos/a?tagging")
                .body.find("<Tag><Key>k</Key><Value>v w</Value></Tag><Tag><Key>l</Key>"),
            std::string::npos);
  EXPECT_EQ(send("PUT", "/photos/a?tagging", tag_set({{"n", "1"}})).status, 200);
  EXPECT_NE(send("GET", "/photos/a?tagging").body.find("<Key>n</Key><Value>1</Value>"),
            std::string::npos);
  EXPECT_EQ(content_of(send("GET", "/photos/a")), "x");
  EXPECT_EQ(send("DELETE", "/photos/a?tagging").status, 204);
  EXPECT_EQ(send("GET", "/photos/a").headers.find("x-amz-tagging-count"), std::nullopt);
  // Of a file that came by other ways than S3.
  bucket_.write_file("other", "y");
  EXPECT_EQ(send("PUT", "/photos/other?tagging", tag_set({{"n", "2"}})).status, 200);
  EXPECT_NE(send("GET", "/photos/other?tagging").body.find("<Value>2</Value>"), std::string::npos);
}

TEST_F(S3HandlerTest, Tags_FollowACopyUnlessReplaced) {
  EXPECT_EQ(send("PUT", "/photos/a", "x", {{"x-amz-tagging", "k=v"}}).status, 200);
  const std::pair<std::string, std::string> source{"x-amz-copy-source", "photos/a"};
  EXPECT_EQ(send("PUT", "/photos/b", "", {source}).status, 200);
  EXPECT_NE(send("GET", "/photos/b?tagging").body.find("<Key>k</Key>"), std::string::npos);
  EXPECT_EQ(send("PUT", "/photos/b", "",
                 {source, {"x-amz-metadata-directive", "REPLACE"}, {"x-amz-meta-m", "1"}})
                .status,
            200);
  EXPECT_NE(send("GET", "/photos/b?tagging").body.find("<Key>k</Key>"), std::string::npos);
  EXPECT_EQ(send("PUT", "/photos/b", "",
                 {source, {"x-amz-tagging-directive", "REPLACE"}, {"x-amz-tagging", "n=w"}})
                .status,
            200);
  const std::string replaced = send("GET", "/photos/b?tagging").body;
  EXPECT_EQ(replaced.find("<Key>k</Key>"), std::string::npos);
  EXPECT_NE(replaced.find("<Key>n</Key>"), std::string::npos);
}

TEST_F(S3HandlerTest, Tags_WrongOnesAreRefusedAndNoneIsLost) {
  EXPECT_EQ(send("PUT", "/photos/a", "x").status, 200);
  EXPECT_EQ(code_of(send("PUT", "/photos/b", "x", {{"x-amz-tagging", "k=1&k=2"}})), "InvalidTag");
  EXPECT_EQ(send("GET", "/photos/b").status, 404);
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 11; ++i) many.emplace_back("k" + std::to_string(i), "v");
  EXPECT_EQ(code_of(send("PUT", "/photos/a?tagging", tag_set(many))), "InvalidTag");
  EXPECT_EQ(code_of(send("PUT", "/photos/a?tagging", tag_set({{std::string(129, 'k'), ""}}))),
            "InvalidTag");
  EXPECT_EQ(code_of(send("PUT", "/photos/a?tagging", tag_set({{"", "v"}}))), "InvalidTag");
  EXPECT_EQ(code_of(send("PUT", "/photos/a?tagging", "<Tagging/>")), "MalformedXML");
  EXPECT_EQ(code_of(send("PUT", "/photos/none?tagging", tag_set({}))), "NoSuchKey");
  EXPECT_EQ(code_of(send("PUT", "/photos/folder/", "", {{"x-amz-tagging", "k=v"}})),
            "NotImplemented");
  EXPECT_EQ(code_of(send("PUT", "/photos?tagging", tag_set({}))), "NotImplemented");
}

TEST_F(S3HandlerTest, WhatIsNotOffered_IsRefusedAndNothingIsLost) {
  EXPECT_EQ(send("PUT", "/photos/a", "x").status, 200);
  EXPECT_EQ(code_of(send("DELETE", "/photos/a?versionId=abc")), "NotImplemented");
  EXPECT_EQ(code_of(send("GET", "/photos/a?versionId=abc")), "NotImplemented");
  EXPECT_EQ(code_of(send("GET", "/photos/a?tagging&versionId=3")), "NotImplemented");
  EXPECT_NE(send("POST", "/photos?delete",
                 "<Delete><Object><Key>a</Key><VersionId>3</VersionId></Object></Delete>")
                .body.find("NotImplemented"),
            std::string::npos);
  EXPECT_EQ(code_of(send("PUT", "/photos/b", "", {{"x-amz-copy-source", "photos/a?versionId=3"}})),
            "NotImplemented");
  const std::vector<std::pair<std::pair<std::string, std::string>, std::string>> headers = {
      {{"x-amz-write-offset-bytes", "1"}, "NotImplemented"},
      {{"x-amz-server-side-encryption", "aws:kms"}, "NotImplemented"},
      {{"x-amz-server-side-encryption-customer-algorithm", "AES256"}, "NotImplemented"},
      {{"x-amz-object-lock-mode", "GOVERNANCE"}, "NotImplemented"},
      {{"x-amz-grant-read", "id=1"}, "NotImplemented"},
      {{"x-amz-acl", "public-read"}, "NotImplemented"},
      {{"x-amz-acl", "zzz"}, "InvalidArgument"},
      {{"x-amz-storage-class", "ZZZ"}, "InvalidArgument"},
      {{"x-amz-metadata-directive", "FOO"}, "InvalidArgument"},
      {{"x-amz-sdk-checksum-algorithm", "FOO"}, "InvalidArgument"},
      {{"x-amz-decoded-content-length", "abc"}, "InvalidArgument"},
      {{"x-amz-expected-bucket-owner", "123456789012"}, "AccessDenied"},
      {{"x-amz-tagging", "aws:x=1"}, "InvalidTag"},
      {{"x-amz-tagging", "%zz=1"}, "InvalidTag"},
      {{"x-amz-tagging", "k=%00"}, "InvalidTag"},
  };
  for (const auto& [header, code] : headers) {
    EXPECT_EQ(code_of(send("PUT", "/photos/a", "y", {header})), code) << header.first;
  }
  EXPECT_NE(send("GET", "/photos/a", "", {{"x-amz-expected-bucket-owner", "123456789012"}})
                .body.find("buckets here are of the account 000000000000"),
            std::string::npos);
  EXPECT_EQ(code_of(send("GET", "/photos/a?partNumber=2")), "NotImplemented");
  EXPECT_EQ(code_of(send("GET", "/photos/a?partNumber=abc")), "InvalidArgument");
  EXPECT_EQ(code_of(send("GET", "/photos?uploads&max-uploads=x")), "InvalidArgument");
  EXPECT_EQ(content_of(send("GET", "/photos/a?versionId=null&partNumber=1")), "x");
  EXPECT_EQ(send("PUT", "/photos/a", "z",
                 {{"x-amz-acl", "private"},
                  {"x-amz-storage-class", "STANDARD"},
                  {"x-amz-expected-bucket-owner", "000000000000"}})
                .status,
            200);
}

TEST_F(S3HandlerTest, NamesThatNoBucketCanHave_AreInvalidBucketName) {
  for (const char* path : {"/ab", "/a..b", "/Bad_Name", "/abc-"}) {
    EXPECT_EQ(code_of(send("PUT", path)), "InvalidBucketName") << path;
    EXPECT_EQ(send("PUT", path).status, 400) << path;
    EXPECT_EQ(code_of(send("GET", std::string(path) + "/key")), "InvalidBucketName") << path;
  }
}

TEST_F(S3HandlerTest, AHostThatNamesTheBucket) {
  const std::pair<std::string, std::string> host{"Host", "photos.localhost:9338"};
  EXPECT_EQ(send("PUT", "/a/b", "x", {host}).status, 200);
  EXPECT_EQ(bucket_.read_file("a/b"), "x");
  EXPECT_EQ(content_of(send("GET", "/a/b", "", {{"Host", "photos.s3.localhost"}})), "x");
  EXPECT_NE(send("GET", "/?list-type=2", "", {host}).body.find("<Key>a/b</Key>"),
            std::string::npos);
  EXPECT_EQ(send("PUT", "/", "", {{"Host", "by-host.localhost"}}).status, 200);
  EXPECT_TRUE(std::filesystem::is_directory(home() / "by-host"));
  EXPECT_EQ(content_of(send("GET", "/photos/a/b", "", {{"Host", "this-machine.localhost"}})), "x")
      << "a host that is no bucket: the path names it";
  EXPECT_EQ(code_of(send("GET", "/photos/a/b", "", {{"Host", "none.s3.localhost"}})),
            "NoSuchBucket");
}

// The checksums of "hello", from AWS's and the algorithms' own test values.
TEST_F(S3HandlerTest, Checksums_AreVerified) {
  const std::vector<std::pair<std::string, std::string>> right = {
      {"x-amz-checksum-crc32", "NhCmhg=="},
      {"x-amz-checksum-crc32c", "mnG7TA=="},
      {"x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="},
      {"x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="},
      {"x-amz-content-sha256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
      {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"},
      {"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="},
  };
  for (const auto& header : right) {
    auto put = send("PUT", "/photos/right", "hello", {header});
    EXPECT_EQ(put.status, 200) << header.first << " " << put.body;
    if (header.first.starts_with("x-amz-checksum-")) {
      EXPECT_EQ(put.headers.get(header.first), header.second);
    }
    if (header.second == "UNSIGNED-PAYLOAD") continue;
    auto refused = send("PUT", "/photos/wrong", "hallo", {header});
    EXPECT_EQ(refused.status, 400) << header.first;
    EXPECT_EQ(code_of(refused),
              header.first == "x-amz-content-sha256" ? "XAmzContentSHA256Mismatch" : "BadDigest");
  }
  EXPECT_EQ(send("GET", "/photos/wrong").status, 404);
}

TEST_F(S3HandlerTest, Checksums_ThatAreNoneAreRefused) {
  for (const auto& [header, code] :
       std::vector<std::pair<std::pair<std::string, std::string>, std::string>>{
           {{"x-amz-checksum-crc32", "NhCm"}, "InvalidRequest"},
           {{"x-amz-checksum-crc32", "not base64!="}, "InvalidRequest"},
           {{"x-amz-checksum-sha256", "NhCmhg=="}, "InvalidRequest"},
           {{"x-amz-content-sha256", "2cf24d"}, "InvalidArgument"},
           {{"x-amz-content-sha256", ""}, "InvalidArgument"},
           {{"x-amz-content-sha256", "STREAMING-FOO"}, "InvalidArgument"},
           {{"x-amz-checksum-sha512", "NhCmhg=="}, "NotImplemented"},
           {{"x-amz-checksum-md5", "XUFAKrxLKna5cZ2REBfFkg=="}, "NotImplemented"},
           {{"x-amz-checksum-xxhash64", "NhCmhg=="}, "NotImplemented"},
           {{"x-amz-checksum-", "NhCmhg=="}, "NotImplemented"},
           {{"x-amz-checksum-type", "WHOLE"}, "InvalidArgument"},
           {{"x-amz-checksum-algorithm", "SHA512"}, "NotImplemented"},
           {{"x-amz-checksum-mode", "SOMETIMES"}, "InvalidArgument"},
           {{"Content-MD5", "NhCmhg=="}, "InvalidDigest"},
           {{"x-amz-trailer", "x-amz-checksum-md4"}, "InvalidRequest"}}) {
    EXPECT_EQ(code_of(send("PUT", "/photos/none", "hello", {header})), code) << header.first;
  }
  EXPECT_EQ(
      code_of(send("PUT", "/photos/none", "hello",
                   {{"x-amz-checksum-crc32", "NhCmhg=="}, {"x-amz-checksum-crc32c", "mnG7TA=="}})),
      "InvalidRequest");
}

TEST_F(S3HandlerTest, ChecksumInATrailer_IsVerified) {
  const auto put = [&](const std::string& trailer) {
    return send("PUT", "/photos/t", "5\r\nhello\r\n0\r\n" + trailer + "\r\n",
                {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                 {"x-amz-trailer", "x-amz-checksum-crc32"},
                 {"x-amz-decoded-content-length", "5"}});
  };
  EXPECT_EQ(put("x-amz-checksum-crc32:NhCmhg==\r\n").status, 200);
  EXPECT_EQ(code_of(put("x-amz-checksum-crc32:AAAAAA==\r\n")), "BadDigest");
  EXPECT_EQ(code_of(put("x-amz-checksum-crc32:AAAA\r\n")), "MalformedTrailerError");
  EXPECT_EQ(code_of(put("x-amz-checksum-crc32c:mnG7TA==\r\n")), "MalformedTrailerError");
  EXPECT_EQ(code_of(put("")), "MalformedTrailerError");
  EXPECT_EQ(code_of(put("no colon\r\n")), "MalformedTrailerError");
}

// "hello" in two parts: the checksum of all, and that of the parts' checksums.
TEST_F(S3HandlerTest, ChecksumOfJoinedParts_IsVerified) {
  const auto checksum = [](std::string_view bytes) {
    Checksum crc(ChecksumKind::kCrc32);
    crc.append(bytes);
    return crc.finish();
  };
  const std::string of_parts = base::to_base64(checksum(checksum("hel") + checksum("lo")));
  const std::string created = send("POST", "/photos/big?uploads").body;
  const size_t at = created.find("<UploadId>") + 10;
  const std::string id = created.substr(at, created.find('<', at) - at);
  EXPECT_EQ(send("PUT", "/photos/big?partNumber=1&uploadId=" + id, "hel").status, 200);
  EXPECT_EQ(send("PUT", "/photos/big?partNumber=2&uploadId=" + id, "lo").status, 200);
  const auto complete = [&](const std::string& value, const std::string& type = "") {
    std::vector<std::pair<std::string, std::string>> headers = {{"x-amz-checksum-crc32", value}};
    if (!type.empty()) headers.emplace_back("x-amz-checksum-type", type);
    return send("POST", "/photos/big?uploadId=" + id,
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part>"
                "<Part><PartNumber>2</PartNumber></Part></CompleteMultipartUpload>",
                std::move(headers));
  };
  EXPECT_EQ(code_of(complete(of_parts + "-2", "FULL_OBJECT")), "InvalidRequest");
  EXPECT_EQ(code_of(complete(of_parts, "COMPOSITE")), "InvalidRequest");
  EXPECT_EQ(code_of(complete("AAAAAA==")), "BadDigest");
  EXPECT_EQ(code_of(complete("AAAAAA==-2")), "BadDigest");
  EXPECT_EQ(code_of(complete(of_parts)), "BadDigest");
  EXPECT_EQ(code_of(complete("x-2")), "InvalidRequest");
  EXPECT_EQ(send("GET", "/photos/big").status, 404);
  EXPECT_EQ(complete(of_parts + "-2", "COMPOSITE").status, 200);
  EXPECT_EQ(content_of(send("GET", "/photos/big")), "hello");
}

// What clients say of each part, as boto3 does: "hel" and "lo".
TEST_F(S3HandlerTest, ChecksumsInTheListOfParts_AreVerified) {
  const auto of = [](ChecksumKind kind, std::string_view bytes) {
    Checksum checksum(kind);
    checksum.append(bytes);
    return base::to_base64(checksum.finish());
  };
  const std::string created =
      send("POST", "/photos/big?uploads", "",
           {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}})
          .body;
  const size_t at = created.find("<UploadId>") + 10;
  const std::string id = created.substr(at, created.find('<', at) - at);
  EXPECT_EQ(send("PUT", "/photos/big?partNumber=1&uploadId=" + id, "hel").status, 200);
  EXPECT_EQ(send("PUT", "/photos/big?partNumber=2&uploadId=" + id, "lo").status, 200);
  const auto complete = [&](const std::string& of_first, const std::string& of_second) {
    return send("POST", "/photos/big?uploadId=" + id,
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>" + of_first +
                    "</Part><Part><PartNumber>2</PartNumber>" + of_second +
                    "</Part></CompleteMultipartUpload>");
  };
  const auto element = [](const std::string& name, const std::string& value) {
    return "<Checksum" + name + ">" + value + "</Checksum" + name + ">";
  };
  const std::string second = element("CRC32", of(ChecksumKind::kCrc32, "lo"));
  EXPECT_EQ(code_of(complete("", element("CRC32", of(ChecksumKind::kCrc32, "hel")))),
            "InvalidPart");
  EXPECT_EQ(code_of(complete(element("SHA256", of(ChecksumKind::kSha256, "lo")), second)),
            "InvalidPart");
  EXPECT_EQ(code_of(complete(element("CRC32", "AAAA"), second)), "InvalidRequest");
  EXPECT_EQ(code_of(complete(element("CRC32", ""), second)), "InvalidRequest");
  EXPECT_EQ(code_of(complete(element("SHA512", "AAAA"), second)), "NotImplemented");
  EXPECT_EQ(send("GET", "/photos/big").status, 404);
  EXPECT_EQ(complete(element("CRC64NVME", of(ChecksumKind::kCrc64Nvme, "hel")) +
                         element("SHA1", of(ChecksumKind::kSha1, "hel")),
                     second)
                .status,
            200);
  EXPECT_EQ(content_of(send("GET", "/photos/big")), "hello");
}

TEST_F(S3HandlerTest, ChecksumOfAnXmlBody_IsVerified) {
  const std::string body = "<Delete><Object><Key>a</Key></Object></Delete>";
  EXPECT_EQ(send("PUT", "/photos/a", "x").status, 200);
  Checksum crc(ChecksumKind::kCrc32);
  crc.append(body);
  const std::string right = base::to_base64(crc.finish());
  EXPECT_EQ(code_of(send("POST", "/photos?delete", body, {{"x-amz-checksum-crc32", "AAAAAA=="}})),
            "BadDigest");
  EXPECT_EQ(send("GET", "/photos/a").status, 200);
  EXPECT_EQ(send("POST", "/photos?delete", body, {{"x-amz-checksum-crc32", right}}).status, 200);
  EXPECT_EQ(send("GET", "/photos/a").status, 404);
}

}  // namespace
}  // namespace weft::api

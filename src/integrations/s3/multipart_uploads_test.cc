#include "integrations/s3/multipart_uploads.h"

#include <gtest/gtest.h>

#include "integrations/s3/temporary_bucket.h"

namespace weft::s3 {
namespace {

class MultipartUploadsTest : public ::testing::Test {
 protected:
  S3Result<PartInfo> put_part(const std::string& id, int number, std::string_view bytes) {
    auto writer = bucket_->create_writer();
    EXPECT_TRUE(writer->append(bytes).has_value());
    return uploads_.put_part("big", id, number, std::move(*writer));
  }
  TemporaryBucket bucket_;
  MultipartUploads uploads_{*bucket_};
};

TEST_F(MultipartUploadsTest, Complete_JoinsThePartsInOrder) {
  auto upload = uploads_.create("big", {{"content-type", "text/plain"}});
  auto second = put_part(upload->id, 2, "world");
  auto first = put_part(upload->id, 1, "hello ");
  EXPECT_EQ(uploads_.parts("big", upload->id)->size(), 2u);
  EXPECT_TRUE(bucket_->list({})->objects.empty());
  auto object = uploads_.complete("big", upload->id, {{1, first->etag}, {2, second->etag}}, false);
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(bucket_.read_file("big"), "hello world");
  // The MD5 of the two parts' MD5s (as 32 bytes), computed with md5sum.
  EXPECT_EQ(object->attributes.etag, "e09e4fd6265b36115fe3db32df945d84-2");
  EXPECT_EQ(bucket_->head("big")->attributes.headers[0].second, "text/plain");
  EXPECT_EQ(bucket_->list({})->objects[0].attributes.etag, object->attributes.etag);
  EXPECT_EQ(uploads_.parts("big", upload->id).error().code, S3ErrorCode::kNoSuchUpload);
  EXPECT_TRUE(uploads_.uploads().empty());
}

TEST_F(MultipartUploadsTest, RepeatedPart_ReplacesTheFirst) {
  auto upload = uploads_.create("big", {});
  ASSERT_TRUE(put_part(upload->id, 1, "old").has_value());
  ASSERT_TRUE(put_part(upload->id, 1, "new").has_value());
  ASSERT_TRUE(uploads_.complete("big", upload->id, {{1, ""}}, false).has_value());
  EXPECT_EQ(bucket_.read_file("big"), "new");
}

TEST_F(MultipartUploadsTest, WrongChoices_AreRefused) {
  auto upload = uploads_.create("big", {});
  ASSERT_TRUE(put_part(upload->id, 1, "1").has_value());
  ASSERT_TRUE(put_part(upload->id, 2, "2").has_value());
  EXPECT_EQ(uploads_.complete("big", upload->id, {{2, ""}, {1, ""}}, false).error().code,
            S3ErrorCode::kInvalidPartOrder);
  EXPECT_EQ(uploads_.complete("big", upload->id, {{3, ""}}, false).error().code,
            S3ErrorCode::kInvalidPart);
  EXPECT_EQ(uploads_.complete("big", upload->id, {{1, "wrong"}}, false).error().code,
            S3ErrorCode::kInvalidPart);
  EXPECT_EQ(uploads_.complete("other", upload->id, {{1, ""}}, false).error().code,
            S3ErrorCode::kNoSuchUpload);
  EXPECT_EQ(put_part(upload->id, 0, "").error().code, S3ErrorCode::kInvalidArgument);
  EXPECT_EQ(put_part(upload->id, 10'001, "").error().code, S3ErrorCode::kInvalidArgument);
  for (const char* id : {"", "../../..", "0", "zz"}) {
    EXPECT_EQ(uploads_.abort("big", id).error().code, S3ErrorCode::kNoSuchUpload) << id;
  }
}

TEST_F(MultipartUploadsTest, Abort_LeavesNothing) {
  auto upload = uploads_.create("big", {});
  ASSERT_TRUE(put_part(upload->id, 1, "1").has_value());
  EXPECT_EQ(uploads_.uploads().size(), 1u);
  ASSERT_TRUE(uploads_.abort("big", upload->id).has_value());
  EXPECT_TRUE(uploads_.uploads().empty());
  EXPECT_TRUE(std::filesystem::is_empty(bucket_.outside() / "staging/uploads"));
}

}  // namespace
}  // namespace weft::s3

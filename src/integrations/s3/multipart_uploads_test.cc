#include "integrations/s3/multipart_uploads.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>
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

// Of all in and below `directory`, as octal digits.
std::set<std::string> modes_below(const std::filesystem::path& directory, bool of_folders) {
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_directory() != of_folders) continue;
    const auto mode = static_cast<unsigned>(entry.status().permissions());
    out.insert(fmt::format("{:o}", mode));
  }
  return out;
}

TEST_F(MultipartUploadsTest, WhatIsNotCompleteYet_IsItsOwnersAlone) {
  auto upload = uploads_.create("big", {});
  auto writer = uploads_.create_part_writer();
  ASSERT_TRUE(writer && writer->append("hello"));
  const auto staging = bucket_.outside() / "staging";
  EXPECT_EQ(modes_below(staging, false), std::set<std::string>{"600"});
  auto part = uploads_.put_part("big", upload->id, 1, std::move(*writer));
  ASSERT_TRUE(part);
  EXPECT_EQ(modes_below(staging, false), std::set<std::string>{"600"});
  EXPECT_EQ(modes_below(staging, true), std::set<std::string>{"700"});
  ASSERT_TRUE(uploads_.complete("big", upload->id, {{1, part->etag}}, false));
  ASSERT_TRUE(bucket_->put("folder/small", "hello"));
  // What is in the bucket has the modes that other programs' files have.
  bucket_.write_file("other/file", "hello");
  EXPECT_EQ(modes_below(bucket_.path(), false).size(), 1U);
  EXPECT_EQ(modes_below(bucket_.path(), true).size(), 1U);
}

TEST_F(MultipartUploadsTest, RepeatedPart_ReplacesTheFirst) {
  auto upload = uploads_.create("big", {});
  ASSERT_TRUE(put_part(upload->id, 1, "old").has_value());
  ASSERT_TRUE(put_part(upload->id, 1, "new").has_value());
  ASSERT_TRUE(uploads_.complete("big", upload->id, {{1, ""}}, false).has_value());
  EXPECT_EQ(bucket_.read_file("big"), "new");
}

TEST_F(MultipartUploadsTest, WhatIsDamagedOnDisk_BecomesNoObject) {
  const auto folder_of = [&](const std::string& id) {
    return bucket_.outside() / "staging/uploads" / id;
  };
  const std::string sent = "so many bytes of the second part";
  for (const std::string damage : {"bit", "cut", "longer"}) {
    auto upload = uploads_.create("big", {});
    auto first = put_part(upload->id, 1, "first");
    auto part = put_part(upload->id, 2, sent);
    std::string bytes = sent;
    if (damage == "bit") bytes[7] = static_cast<char>(bytes[7] ^ 1);
    if (damage == "cut") bytes.resize(5);
    if (damage == "longer") bytes += "x";
    const auto file = folder_of(upload->id) / ("00002." + part->etag);
    ASSERT_TRUE(std::filesystem::exists(file));
    std::ofstream(file, std::ios::binary) << bytes;
    const auto object = uploads_.complete("big", upload->id, {{1, ""}, {2, ""}}, false);
    ASSERT_FALSE(object.has_value()) << damage;
    EXPECT_EQ(object.error().code, S3ErrorCode::kInternalError) << damage;
    EXPECT_TRUE(object.error().message.starts_with("Part 2 is damaged")) << object.error().message;
    EXPECT_TRUE(bucket_->list({})->objects.empty()) << damage;
    // It is as it was: the part can be sent again.
    ASSERT_TRUE(put_part(upload->id, 2, sent).has_value());
    ASSERT_TRUE(uploads_.complete("big", upload->id, {{1, ""}, {2, ""}}, false).has_value());
    EXPECT_EQ(bucket_.read_file("big"), "first" + sent);
    std::filesystem::remove(bucket_.path() / "big");
  }
  auto upload = uploads_.create("big", {{"content-type", "text/plain"}});
  ASSERT_TRUE(put_part(upload->id, 1, "first").has_value());
  const auto description = folder_of(upload->id) / "upload";
  const auto size = std::filesystem::file_size(description);
  for (uintmax_t at = 0; at < size; ++at) {
    std::fstream file(description, std::ios::binary | std::ios::in | std::ios::out);
    const auto flip = [&] {
      const auto place = static_cast<std::streamoff>(at);
      const int byte = file.seekg(place).get();
      file.seekp(place).put(static_cast<char>(byte ^ 1)).flush();
    };
    flip();
    const auto object = uploads_.complete("big", upload->id, {{1, ""}}, false);
    ASSERT_FALSE(object.has_value()) << at;
    EXPECT_EQ(object.error().code, S3ErrorCode::kInternalError) << at;
    flip();
  }
  EXPECT_TRUE(uploads_.complete("big", upload->id, {{1, ""}}, false).has_value());
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

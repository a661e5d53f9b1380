#include "integrations/s3/bucket_directory.h"

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integrations/s3/bucket_registry.h"
#include "integrations/s3/object_key.h"
#include "integrations/s3/temporary_bucket.h"

namespace weft::s3 {
namespace {

namespace fs = std::filesystem;

std::string content_of(const OpenObject& object) {
  std::string out(object.info.size, '\0');
  EXPECT_EQ(::pread(object.file->get(), out.data(), out.size(), 0),
            static_cast<ssize_t>(out.size()));
  return out;
}

// Keys that try to leave the bucket, or that no file of it can have.
std::vector<std::string> hostile_keys() {
  std::vector<std::string> keys = {
      "..",
      "../",
      "../secret.txt",
      "../../etc/passwd",
      "a/../../secret.txt",
      "a/..",
      "a/../b",
      "a/b/../../../secret.txt",
      "./a",
      ".",
      "./",
      "a/.",
      "a/./b",
      "a/./../..",
      "/",
      "//",
      "/etc/passwd",
      "//etc/passwd",
      "/..",
      "a//b",
      "a//",
      "a/b//c",
      "//a",
      "../bucket/a",
      "..//secret.txt",
      "/proc/self/root/etc/passwd",
      "/dev/null",
      ".weft",
      ".weft/",
      ".weft/tmp/x",
      ".weft/uploads/0/upload",
      ".weft/../a",
      std::string("a\0b", 3),
      std::string("\0", 1),
      std::string("../secret.txt\0.jpg", 18),
      "\xff",
      "a/\xc0\xae\xc0\xae/secret.txt",
      "\xc0\xaf",
      "\xed\xa0\x80",
      "\xf4\x90\x80\x80",
      "a\x80",
      "\xe0\x80\xaf",
      "",
      std::string(300, 'a'),
      "a/" + std::string(256, 'b') + "/c",
      "link-to-outside/secret.txt",
      "link-to-secret",
      "link-to-root/etc/passwd",
      "folder/link-up/../secret.txt",
      "link-loop/x",
  };
  return keys;
}

class HostileKeyTest : public ::testing::Test {
 protected:
  HostileKeyTest() {
    std::ofstream(bucket_.outside() / "secret.txt") << "secret";
    bucket_.write_file("a.txt", "a");
    fs::create_directory(bucket_.path() / "folder");
    fs::create_symlink("..", bucket_.path() / "link-to-outside");
    fs::create_symlink("../secret.txt", bucket_.path() / "link-to-secret");
    fs::create_symlink("/", bucket_.path() / "link-to-root");
    fs::create_symlink("../..", bucket_.path() / "folder" / "link-up");
    fs::create_symlink("link-loop", bucket_.path() / "link-loop");
  }
  size_t files_outside() const {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(bucket_.outside()))
      count += entry.path().filename() == "staging" ? 0 : 1;
    return count;
  }
  TemporaryBucket bucket_;
};

TEST_F(HostileKeyTest, Get_NoSuchKey) {
  for (const std::string& key : hostile_keys()) {
    auto got = bucket_->get(key);
    ASSERT_FALSE(got.has_value()) << key;
    EXPECT_EQ(got.error().code, S3ErrorCode::kNoSuchKey) << key << ": " << got.error().message;
  }
}

TEST_F(HostileKeyTest, Put_IsRefusedOrStaysInside) {
  for (const std::string& key : hostile_keys()) {
    // Replacing a link by an object touches the link only.
    if (key == "link-to-secret") continue;
    EXPECT_FALSE(bucket_->put(key, "overwritten").has_value()) << key;
  }
  ASSERT_TRUE(bucket_->put("link-to-secret", "overwritten").has_value());
  std::ifstream secret(bucket_.outside() / "secret.txt");
  std::string text;
  secret >> text;
  EXPECT_EQ(text, "secret");
  EXPECT_EQ(files_outside(), 2u);
}

TEST_F(HostileKeyTest, Remove_RemovesNothing) {
  for (const std::string& key : hostile_keys())
    EXPECT_TRUE(bucket_->remove(key).has_value()) << key;
  EXPECT_TRUE(fs::exists(bucket_.outside() / "secret.txt"));
  EXPECT_TRUE(fs::is_symlink(bucket_.path() / "link-to-secret"));
  EXPECT_EQ(bucket_.read_file("a.txt"), "a");
}

TEST_F(HostileKeyTest, ListWithHostilePrefix_IsEmpty) {
  for (const std::string& key : hostile_keys()) {
    if (key.empty()) continue;
    auto listed = bucket_->list({.prefix = key});
    ASSERT_TRUE(listed.has_value());
    EXPECT_TRUE(listed->objects.empty()) << key;
    listed = bucket_->list({.prefix = key + "/"});
    EXPECT_TRUE(listed->objects.empty()) << key;
  }
}

TEST_F(HostileKeyTest, List_FollowsNoLink) {
  auto listed = bucket_->list({});
  ASSERT_EQ(listed->objects.size(), 1u);
  EXPECT_EQ(listed->objects[0].key, "a.txt");
}

TEST(ObjectKey, Length_IsLimitedTo1024Bytes) {
  std::string key;
  while (key.size() < 1024) key += key.size() % 100 == 99 ? '/' : 'k';
  TemporaryBucket bucket;
  EXPECT_TRUE(bucket->put(key, "x").has_value());
  EXPECT_EQ(bucket->put(key + "k", "x").error().code, S3ErrorCode::kKeyTooLong);
  EXPECT_EQ(bucket->get(key + "k").error().code, S3ErrorCode::kKeyTooLong);
}

TEST(BucketName, Rules) {
  for (const char* good : {"abc", "photos-2024", "a.b.c", "0ab", "my-bucket.example.com"}) {
    EXPECT_TRUE(check_bucket_name(good).has_value()) << good;
  }
  for (const char* bad :
       {"", "ab", "Abc", "a_b", "-abc", "abc-", ".abc", "a..b", "192.168.5.4", "a/b", "a b"}) {
    EXPECT_FALSE(check_bucket_name(bad).has_value()) << bad;
  }
  EXPECT_FALSE(check_bucket_name(std::string(64, 'a')).has_value());
}

TEST(BucketDirectory, PutAndGet_KeepBytesEtagAndHeaders) {
  TemporaryBucket bucket;
  auto put = bucket->put("in/hello.txt", "hello",
                         {.headers = {{"content-type", "text/plain"}, {"x-amz-meta-a", "ä&="}}});
  ASSERT_TRUE(put.has_value());
  EXPECT_EQ(put->quoted_etag(), "\"5d41402abc4b2a76b9719d911017c592\"");
  auto got = bucket->get("in/hello.txt");
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(content_of(*got), "hello");
  EXPECT_EQ(got->info.attributes.etag, "5d41402abc4b2a76b9719d911017c592");
  EXPECT_EQ(got->info.attributes.headers, put->attributes.headers);
  EXPECT_EQ(bucket.read_file("in/hello.txt"), "hello");
}

TEST(BucketDirectory, FileChangedByOthers_LosesItsStoredAttributes) {
  TemporaryBucket bucket;
  ASSERT_TRUE(bucket->put("a", "hello", {.headers = {{"content-type", "text/plain"}}}).has_value());
  bucket.write_file("a", "hello, world");
  auto head = bucket->head("a");
  EXPECT_EQ(head->size, 12u);
  EXPECT_EQ(head->attributes.etag, "e4d7f1b4ed2e42d15898f4b27b019da4");
  EXPECT_TRUE(head->attributes.headers.empty());
}

TEST(BucketDirectory, LargeForeignFile_HasAnEtagThatNeedsNoReading) {
  TemporaryBucket bucket;
  bucket.write_file("big", std::string(EtagCache::kHashedBytesMax + 1, 'x'));
  auto head = bucket->head("big");
  EXPECT_TRUE(head->attributes.etag.ends_with("-1"));
  EXPECT_EQ(bucket->list({})->objects[0].attributes.etag, head->attributes.etag);
}

TEST(BucketDirectory, ForeignFileEditedUnderItsOldTime_HasAnotherEtag) {
  TemporaryBucket bucket;
  for (const size_t size : {size_t{10}, EtagCache::kHashedBytesMax + 1}) {
    bucket.write_file("f", std::string(size, 'x'));
    const auto written = fs::last_write_time(bucket.path() / "f");
    const std::string before = bucket->head("f")->attributes.etag;
    EXPECT_EQ(bucket->head("f")->attributes.etag, before);
    bucket.write_file("f", std::string(size, 'y'));
    fs::last_write_time(bucket.path() / "f", written);
    EXPECT_NE(bucket->head("f")->attributes.etag, before) << size;
    EXPECT_EQ(bucket->list({})->objects[0].attributes.etag, bucket->head("f")->attributes.etag);
  }
}

TEST(BucketDirectory, OnlyIfAbsent_RefusesTheSecondPut) {
  TemporaryBucket bucket;
  EXPECT_TRUE(bucket->put("a/b", "1", {.only_if_absent = true}).has_value());
  auto second = bucket->put("a/b", "2", {.only_if_absent = true});
  EXPECT_EQ(second.error().code, S3ErrorCode::kPreconditionFailed);
  EXPECT_EQ(bucket.read_file("a/b"), "1");
}

TEST(BucketDirectory, KeyThatIsBothFolderAndObject_Conflicts) {
  TemporaryBucket bucket;
  ASSERT_TRUE(bucket->put("a", "1").has_value());
  EXPECT_EQ(bucket->put("a/b", "2").error().code, S3ErrorCode::kObjectConflict);
  ASSERT_TRUE(bucket->put("c/d", "1").has_value());
  EXPECT_EQ(bucket->put("c", "2").error().code, S3ErrorCode::kObjectConflict);
  EXPECT_EQ(bucket->get("c").error().code, S3ErrorCode::kNoSuchKey);
  EXPECT_EQ(bucket->get("a/b").error().code, S3ErrorCode::kNoSuchKey);
  // An empty folder is nothing, so the key is free.
  std::filesystem::create_directory(bucket.path() / "e");
  EXPECT_TRUE(bucket->put("e", "3").has_value());
}

TEST(BucketDirectory, Remove_TakesEmptyFoldersAlong) {
  TemporaryBucket bucket;
  ASSERT_TRUE(bucket->put("a/b/c/d", "1").has_value());
  ASSERT_TRUE(bucket->put("a/x", "1").has_value());
  ASSERT_TRUE(bucket->remove("a/b/c/d").has_value());
  EXPECT_FALSE(fs::exists(bucket.path() / "a/b"));
  EXPECT_TRUE(fs::exists(bucket.path() / "a/x"));
  EXPECT_TRUE(bucket->remove("a/b/c/d").has_value());
  EXPECT_EQ(bucket->head("a/b/c/d").error().code, S3ErrorCode::kNoSuchKey);
}

TEST(BucketDirectory, FolderMarker_IsAnEmptyObject) {
  TemporaryBucket bucket;
  ASSERT_TRUE(bucket->put("dir/", "").has_value());
  EXPECT_FALSE(bucket->put("dir/", "x").has_value());
  EXPECT_EQ(bucket->head("dir/")->size, 0u);
  ASSERT_TRUE(bucket->put("dir/a", "1").has_value());
  auto listed = bucket->list({});
  ASSERT_EQ(listed->objects.size(), 2u);
  EXPECT_EQ(listed->objects[0].key, "dir/");
  ASSERT_TRUE(bucket->remove("dir/a").has_value());
  EXPECT_TRUE(bucket->head("dir/").has_value());
  ASSERT_TRUE(bucket->remove("dir/").has_value());
  EXPECT_FALSE(fs::exists(bucket.path() / "dir"));
}

TEST(BucketDirectory, Fifo_IsNoObject) {
  TemporaryBucket bucket;
  ASSERT_EQ(::mkfifo((bucket.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(bucket->get("pipe").error().code, S3ErrorCode::kNoSuchKey);
  EXPECT_TRUE(bucket->list({})->objects.empty());
}

TEST(BucketDirectory, ParallelPutsAndRemoves_LeaveWholeObjects) {
  TemporaryBucket bucket;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&bucket, t] {
      for (int i = 0; i < 25; ++i) {
        EXPECT_TRUE(
            bucket->put("shared/folder/" + std::to_string(t), std::string(1000, 'x')).has_value());
        EXPECT_TRUE(bucket->remove("shared/folder/" + std::to_string(t)).has_value());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(bucket->list({})->objects.empty());
  EXPECT_TRUE(fs::is_empty(bucket.outside() / "staging/tmp"));
}

TEST(BucketDirectory, OpenMissingDirectory_NotFound) {
  TemporaryBucket bucket;
  EXPECT_EQ(BucketDirectory::open("/nonexistent-weft", bucket.path().string()).error().code,
            base::ErrorCode::kNotFound);
  EXPECT_EQ(BucketDirectory::open("/dev/null", bucket.path().string()).error().code,
            base::ErrorCode::kInvalidArgument);
}

TEST(BucketRegistry, ReaderOfDistributedMap_PagesAndReads) {
  TemporaryBucket bucket;
  for (int i = 0; i < 25; ++i) bucket.write_file("in/" + std::to_string(100 + i) + ".json", "{}");
  bucket.write_file("other", "x");
  BucketRegistry registry({.staging = (bucket.outside() / "stages").string()});
  ASSERT_TRUE(registry.add("photos", bucket.path().string()).has_value());
  EXPECT_FALSE(registry.add("photos", bucket.path().string()).has_value());
  EXPECT_FALSE(registry.add("Photos", bucket.path().string()).has_value());

  std::vector<std::string> keys;
  std::string token;
  do {
    auto page = registry.list_objects_v2("photos", "in/", token, 10);
    ASSERT_TRUE(page.has_value());
    for (auto& object : page->objects) keys.push_back(object.key);
    EXPECT_EQ(page->objects[0].etag, "\"99914b932bd37a50b983c5e7c90ae93b\"");
    EXPECT_EQ(page->objects[0].storage_class, "STANDARD");
    EXPECT_EQ(page->truncated, !page->next_token.empty());
    token = page->next_token;
  } while (!token.empty());
  EXPECT_EQ(keys.size(), 25u);
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));

  EXPECT_EQ(registry.list_objects_v2("none", "", "", 10).error().message,
            "The specified bucket does not exist");
  EXPECT_EQ(registry.list_objects_v2("photos", "", "bad token", 10).error().code,
            base::ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace weft::s3

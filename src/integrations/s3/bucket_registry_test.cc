#include "integrations/s3/bucket_registry.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <fcntl.h>

#include "integrations/s3/multipart_uploads.h"
#include "integrations/s3/temporary_bucket.h"

namespace weft::s3 {
namespace {

namespace fs = std::filesystem;

class BucketRegistryTest : public ::testing::Test {
 protected:
  BucketRegistryTest() { fs::create_directory(place_.outside() / "home"); }
  BucketPlaces places() const {
    return {.staging = (place_.outside() / "stages").string(),
            .home = (place_.outside() / "home").string()};
  }
  TemporaryBucket place_;
};

TEST_F(BucketRegistryTest, UploadsLieInTheStagingDirectory_AndOutliveARestart) {
  std::string id;
  {
    BucketRegistry registry(places());
    ASSERT_TRUE(registry.create("photos"));
    MultipartUploads uploads(*registry.find("photos"));
    id = uploads.create("a", {})->id;
    auto writer = uploads.create_part_writer();
    ASSERT_TRUE(writer && writer->append("part"));
    ASSERT_TRUE(uploads.put_part("a", id, 1, std::move(*writer)));
  }
  EXPECT_TRUE(fs::is_empty(place_.outside() / "home" / "photos"));
  EXPECT_TRUE(fs::exists(place_.outside() / "stages" / "photos" / "uploads" / id));
  BucketRegistry registry(places());
  MultipartUploads uploads(*registry.find("photos"));
  ASSERT_TRUE(uploads.complete("a", id, {{1, ""}}, false));
  EXPECT_EQ(registry.find("photos")->get("a")->info.size, 4u);
}

TEST_F(BucketRegistryTest, TemporaryFilesOfAKilledProcess_AreSweptAtTheNextStart) {
  const fs::path left = place_.outside() / "stages" / "photos" / "tmp" / "0123";
  fs::create_directories(left.parent_path());
  std::ofstream(left) << "half of it";
  BucketRegistry registry(places());
  ASSERT_TRUE(registry.add("photos", place_.path().string()));
  EXPECT_FALSE(fs::exists(left));
}

TEST_F(BucketRegistryTest, RemovedBucket_TakesItsUploadsAlong) {
  BucketRegistry registry(places());
  ASSERT_TRUE(registry.create("photos"));
  ASSERT_TRUE(MultipartUploads(*registry.find("photos")).create("a", {}));
  ASSERT_TRUE(registry.remove("photos"));
  EXPECT_FALSE(fs::exists(place_.outside() / "stages" / "photos"));
  ASSERT_TRUE(registry.create("photos"));
  EXPECT_TRUE(MultipartUploads(*registry.find("photos")).uploads().empty());
}

TEST_F(BucketRegistryTest, FolderThatIsReplaced_IsTheBucketFromThenOn) {
  for (const bool at_home : {false, true}) {
    BucketRegistry registry(places());
    const fs::path folder = place_.outside() / (at_home ? "home/photos" : "photos");
    const auto make = [&](std::string_view key) {
      fs::create_directory(folder);
      std::ofstream(folder / key) << key;
    };
    make("old");
    if (!at_home) ASSERT_TRUE(registry.add("photos", folder.string()));
    const auto before = registry.find("photos");
    ASSERT_NE(before, nullptr);
    fs::remove_all(folder);
    EXPECT_EQ(registry.find("photos"), nullptr);
    EXPECT_EQ(registry.owns("photos"), !at_home);
    EXPECT_FALSE(registry.list_objects_v2("photos", "", "", 10));
    const auto lost = before->put("new", "x");
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, S3ErrorCode::kNoSuchBucket);
    make("new");
    ASSERT_NE(registry.find("photos"), nullptr);
    EXPECT_TRUE(registry.find("photos")->get("new"));
    fs::rename(folder, place_.outside() / (at_home ? "moved" : "moved-home"));
    make("newest");
    EXPECT_FALSE(registry.find("photos")->get("new"));
    EXPECT_TRUE(registry.find("photos")->put("more", "x"));
    EXPECT_TRUE(fs::exists(folder / "more"));
  }
}

TEST_F(BucketRegistryTest, WithoutAHome_BucketsAreNotMade) {
  BucketRegistry registry({.staging = places().staging});
  const auto made = registry.create("photos");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, S3ErrorCode::kMethodNotAllowed);
  EXPECT_NE(made.error().message.find("--buckets"), std::string::npos);
}

// What a bucket on another mount than the staging directory does.
TEST(UnnamedWriter, TakesAndReplacesAName) {
  TemporaryBucket bucket;
  const auto write = [&](std::string_view text) {
    net::FileDescriptor file(::open(bucket.path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    EXPECT_TRUE(file.is_open());
    ObjectWriter writer(std::move(file));
    EXPECT_TRUE(writer.append(text));
    return writer;
  };
  EXPECT_TRUE(bucket->put("a", write("one"), {}));
  EXPECT_TRUE(bucket->put("a", write("two"), {}));
  EXPECT_EQ(bucket.read_file("a"), "two");
  const auto refused = bucket->put("a", write("three"), {.only_if_absent = true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, S3ErrorCode::kPreconditionFailed);
  EXPECT_TRUE(bucket->put("b", write("four"), {.only_if_absent = true}));
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(bucket.path())) files += entry.exists() ? 1 : 0;
  EXPECT_EQ(files, 2U);
}

TEST(HiddenNames, OfFilesThatAreAboutToReplaceOthers_AreNoObjects) {
  TemporaryBucket bucket;
  bucket.write_file(".weft-new-0123", "x");
  bucket.write_file("a/.weft-new-0123", "x");
  EXPECT_FALSE(bucket->get("a/.weft-new-0123"));
  const auto listed = bucket->list({});
  ASSERT_TRUE(listed);
  EXPECT_TRUE(listed->objects.empty());
}

TEST(BucketNames, FoldersAtHomeWithOtherNames_AreNoBuckets) {
  const std::string home = testing::TempDir() + "weft-bucket-names";
  std::filesystem::remove_all(home);
  for (const char* folder : {"photos", "My_Photos", "ab", "metrics", ".hidden"})
    std::filesystem::create_directories(home + "/" + folder);
  std::ofstream(home + "/file-with-a-good-name") << "x";
  const BucketPlaces places{.staging = home + "/.staging", .home = home, .shadowed = [](auto name) {
                              return name == "metrics";
                            }};
  const HomeFolders folders = folders_at_home(places);
  EXPECT_EQ(folders.buckets, std::set<std::string>{"photos"});
  ASSERT_EQ(folders.others.size(), 3u);
  EXPECT_NE(folders.others.at("My_Photos").find("may contain only"), std::string::npos);
  EXPECT_NE(folders.others.at("metrics").find("paths that Weft has"), std::string::npos);
  const BucketRegistry registry(places);
  EXPECT_EQ(registry.names(), std::vector<std::string>{"photos"});
  EXPECT_NE(registry.find("photos"), nullptr);
  for (const char* none : {"My_Photos", "ab", "metrics", ".hidden", "file-with-a-good-name"})
    EXPECT_EQ(registry.find(none), nullptr) << none;
  std::filesystem::remove_all(home);
}

TEST(BucketNames, WhichPathsOfThePortShadow_AreRefused) {
  BucketRegistry registry({.staging = "/nowhere", .home = "/nowhere", .shadowed = [](auto name) {
                             return name == "metrics";
                           }});
  EXPECT_NE(registry.add("metrics", "/").error().message.find("paths that Weft has"),
            std::string::npos);
  EXPECT_EQ(registry.create("metrics").error().code, S3ErrorCode::kInvalidBucketName);
  EXPECT_NE(registry.create("photos").error().code, S3ErrorCode::kInvalidBucketName);
}

}  // namespace
}  // namespace weft::s3

#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "integrations/s3/bucket_directory.h"

namespace weft::s3 {

// A bucket in a fresh directory, for tests; removes it at the end.
class TemporaryBucket {
 public:
  TemporaryBucket() {
    std::string name = ::testing::TempDir() + "weft-bucket-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(directory_ / "bucket");
    bucket_ =
        *BucketDirectory::open((directory_ / "bucket").string(), (directory_ / "staging").string());
  }
  ~TemporaryBucket() { std::filesystem::remove_all(directory_); }
  TemporaryBucket(const TemporaryBucket&) = delete;
  TemporaryBucket& operator=(const TemporaryBucket&) = delete;

  BucketDirectory* operator->() const { return bucket_.get(); }
  BucketDirectory& operator*() const { return *bucket_; }
  std::filesystem::path path() const { return directory_ / "bucket"; }
  // The directory around the bucket, which no key may reach.
  std::filesystem::path outside() const { return directory_; }
  // A file that came by other ways than S3.
  void write_file(const std::string& relative, std::string_view text) const {
    std::filesystem::create_directories((path() / relative).parent_path());
    std::ofstream(path() / relative, std::ios::binary) << text;
  }
  std::string read_file(const std::string& relative) const {
    std::ifstream in(path() / relative, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path directory_;
  std::shared_ptr<BucketDirectory> bucket_;
};

}  // namespace weft::s3

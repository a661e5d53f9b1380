#include "integrations/s3/object_source.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weft::s3 {
namespace {

// A file of a bucket directory, open: what takes its place later does not disturb.
class FileBytes : public maprun::items::Bytes {
 public:
  FileBytes(OpenObject object, FileStamp stamp)
      : file_(std::move(object.file)), etag_(object.info.attributes.etag), stamp_(stamp) {}

  const std::string& version() const override { return etag_; }
  std::string path() const override { return fmt::format("/proc/self/fd/{}", file_->get()); }

  base::Result<std::string> read(uint64_t offset, size_t size) override {
    std::string bytes(size, '\0');
    size_t done = 0;
    while (done < size) {
      const ssize_t got = ::pread(file_->get(), bytes.data() + done, size - done,
                                  static_cast<off_t>(offset + done));
      if (got < 0) return base::fail(base::ErrorCode::kIo, "the disk failed");
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    bytes.resize(done);
    struct stat status{};
    if (::fstat(file_->get(), &status) != 0 || FileStamp::of(status) != stamp_)
      return std::unexpected(object_changed());
    return bytes;
  }

 private:
  std::shared_ptr<const net::FileDescriptor> file_;
  std::string etag_;
  FileStamp stamp_;
};

base::Error no_such_bucket() {
  return {base::ErrorCode::kNotFound, std::string(s3_message(S3ErrorCode::kNoSuchBucket))};
}

class OwnBuckets : public ObjectSource {
 public:
  explicit OwnBuckets(const BucketRegistry* buckets) : buckets_(buckets) {}

  base::Result<std::shared_ptr<maprun::items::Bytes>> open(const ObjectName& name) override {
    const auto bucket = buckets_ == nullptr ? nullptr : buckets_->find(name.bucket);
    if (bucket == nullptr) return std::unexpected(no_such_bucket());
    if (!name.version_id.empty() && name.version_id != "null") {
      return base::fail(base::ErrorCode::kNotFound,
                        "The specified version does not exist: buckets here keep no versions.");
    }
    auto object = bucket->get(name.key);
    struct stat status{};
    if (!object || object->file == nullptr || ::fstat(object->file->get(), &status) != 0) {
      return base::fail(base::ErrorCode::kNotFound,
                        std::string(s3_message(S3ErrorCode::kNoSuchKey)));
    }
    return std::make_shared<FileBytes>(std::move(*object), FileStamp::of(status));
  }

  base::Result<ListPage> list(const std::string& bucket, const std::string& prefix,
                              const std::string& after, size_t max_keys) override {
    if (buckets_ == nullptr) return std::unexpected(no_such_bucket());
    return buckets_->list_objects_v2(bucket, prefix,
                                     after.empty() ? "" : make_continuation_token(after), max_keys);
  }

 private:
  const BucketRegistry* buckets_;
};

}  // namespace

base::Error object_changed() {
  return {base::ErrorCode::kNotFound, "it was changed while its items were being read"};
}

std::unique_ptr<ObjectSource> own_buckets(const BucketRegistry* buckets) {
  return std::make_unique<OwnBuckets>(buckets);
}

}  // namespace weft::s3

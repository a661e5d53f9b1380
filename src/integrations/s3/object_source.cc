#include "integrations/s3/object_source.h"

#include <atomic>
#include <cerrno>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integrations/s3/result_bucket.h"

namespace weft::s3 {
namespace {

// A change within one reading of a piece is looked into so many times.
constexpr int kLooksMax = 8;

base::Error unhashed(const S3Error& error) {
  if (error.code == S3ErrorCode::kPreconditionFailed) return object_changed();
  return {base::ErrorCode::kIo, error.message};
}

// A file of a bucket directory, open: what takes its place later does not disturb. Its version is
// the hash of all its bytes, whatever its ETag is: a file that was only touched is the same.
class FileBytes : public maprun::items::Bytes {
 public:
  FileBytes(std::shared_ptr<BucketDirectory> bucket, OpenObject object, FileState state,
            std::string version, const std::atomic<bool>& stopped, Unwanted unwanted)
      : bucket_(std::move(bucket)),
        file_(std::move(object.file)),
        state_(state),
        version_(std::move(version)),
        stopped_(stopped),
        unwanted_(std::move(unwanted)) {}

  static base::Result<std::shared_ptr<Bytes>> open(std::shared_ptr<BucketDirectory> bucket,
                                                   OpenObject object,
                                                   const std::atomic<bool>& stopped,
                                                   const Unwanted& unwanted) {
    struct stat status{};
    if (::fstat(object.file->get(), &status) != 0)
      return base::fail(base::ErrorCode::kIo, "the disk failed");
    auto version = bucket->contents().hash_of(object.file->get(),
                                              [&] { return !stopped && check_wanted(unwanted); });
    if (!version) return std::unexpected(unhashed(version.error()));
    return std::make_shared<FileBytes>(std::move(bucket), std::move(object), FileState::of(status),
                                       std::move(*version), stopped, unwanted);
  }

  const std::string& version() const override { return version_; }
  uint64_t size() const override { return state_.stamp.size; }
  std::string path() const override { return fmt::format("/proc/self/fd/{}", file_->get()); }

  base::Result<std::string> read(uint64_t offset, size_t size) override {
    for (int look = 0; look < kLooksMax; ++look) {
      if (auto wanted = check_wanted(unwanted_); !wanted) return std::unexpected(wanted.error());
      auto bytes = read_now(offset, size);
      if (!bytes) return bytes;
      struct stat status{};
      if (::fstat(file_->get(), &status) != 0)
        return base::fail(base::ErrorCode::kIo, "the disk failed");
      if (FileState::of(status) == state_) return bytes;
      // Touched, renamed, or written to. The bytes may be of either state: they are read again.
      auto version = bucket_->contents().hash_of(
          file_->get(), [this] { return !stopped_ && check_wanted(unwanted_); });
      if (!version) return std::unexpected(unhashed(version.error()));
      if (*version != version_) break;
      state_ = FileState::of(status);
    }
    return std::unexpected(object_changed());
  }

 private:
  base::Result<std::string> read_now(uint64_t offset, size_t size) const {
    std::string bytes(size, '\0');
    size_t done = 0;
    while (done < size) {
      const ssize_t got = ::pread(file_->get(), bytes.data() + done, size - done,
                                  static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return base::fail(base::ErrorCode::kIo, "the disk failed");
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }

  std::shared_ptr<BucketDirectory> bucket_;
  std::shared_ptr<const net::FileDescriptor> file_;
  FileState state_;  // in which it has the version
  std::string version_;
  const std::atomic<bool>& stopped_;  // of the source, which outlives what it opened
  const Unwanted unwanted_;
};

base::Error no_such_bucket() {
  return {base::ErrorCode::kNotFound, std::string(s3_message(S3ErrorCode::kNoSuchBucket))};
}

class OwnBuckets : public ObjectSource {
 public:
  explicit OwnBuckets(const BucketRegistry* buckets) : buckets_(buckets) {}

  base::Result<std::shared_ptr<maprun::items::Bytes>> open(const ObjectName& name,
                                                           const Unwanted& unwanted) override {
    const auto bucket = buckets_ == nullptr ? nullptr : buckets_->find(name.bucket);
    if (bucket == nullptr) return std::unexpected(no_such_bucket());
    if (!name.version_id.empty() && name.version_id != "null") {
      return base::fail(base::ErrorCode::kNotFound,
                        "The specified version does not exist: buckets here keep no versions.");
    }
    auto object = bucket->get(name.key);
    if (!object || object->file == nullptr) {
      return base::fail(base::ErrorCode::kNotFound,
                        std::string(s3_message(S3ErrorCode::kNoSuchKey)));
    }
    return FileBytes::open(bucket, std::move(*object), stopped_, unwanted);
  }

  base::Result<ListPage> list(const std::string& bucket, const std::string& prefix,
                              const std::string& after, size_t max_keys) override {
    if (buckets_ == nullptr) return std::unexpected(no_such_bucket());
    return buckets_->list_objects_v2(bucket, prefix,
                                     after.empty() ? "" : make_continuation_token(after), max_keys);
  }
  base::Result<std::unique_ptr<maprun::ResultBucket>> results(const std::string& bucket) override {
    return open_result_bucket(buckets_, bucket);
  }
  void stop() override { stopped_ = true; }

 private:
  const BucketRegistry* buckets_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace

base::Error object_changed() {
  return {base::ErrorCode::kNotFound, "it was changed while its items were being read"};
}

base::Result<void> check_wanted(const Unwanted& unwanted) {
  if (unwanted == nullptr || !*unwanted) return {};
  return base::fail(base::ErrorCode::kUnavailable, "nobody waits for it any more");
}

std::unique_ptr<ObjectSource> own_buckets(const BucketRegistry* buckets) {
  return std::make_unique<OwnBuckets>(buckets);
}

}  // namespace weft::s3

#include "integrations/s3/result_bucket.h"

#include <utility>

#include <fmt/format.h>

#include "integrations/s3/bucket_registry.h"

namespace weft::s3 {
namespace {

base::Result<void> without_value(S3Result<void> result) {
  if (!result) return std::unexpected(to_base_error(result.error()));
  return {};
}

class DirectoryObject : public maprun::ResultObject {
 public:
  DirectoryObject(std::shared_ptr<BucketDirectory> bucket, std::string key, ObjectWriter writer)
      : bucket_(std::move(bucket)), key_(std::move(key)), writer_(std::move(writer)) {}

  base::Result<void> append(std::string_view bytes) override {
    return without_value(writer_.append(bytes));
  }
  base::Result<void> finish() override {
    auto put = bucket_->put(key_, std::move(writer_), PutOptions{});
    if (!put) return std::unexpected(to_base_error(put.error()));
    return {};
  }

 private:
  std::shared_ptr<BucketDirectory> bucket_;
  std::string key_;
  ObjectWriter writer_;
};

class Directory : public maprun::ResultBucket {
 public:
  explicit Directory(std::shared_ptr<BucketDirectory> bucket) : bucket_(std::move(bucket)) {}

  base::Result<std::unique_ptr<maprun::ResultObject>> create(const std::string& key) override {
    auto writer = bucket_->create_writer();
    if (!writer) return std::unexpected(to_base_error(writer.error()));
    return std::make_unique<DirectoryObject>(bucket_, key, std::move(*writer));
  }
  base::Result<void> remove(const std::string& key) override {
    return without_value(bucket_->remove(key));
  }
  base::Result<std::optional<uint64_t>> size_of(const std::string& key) override {
    auto object = bucket_->head(key);
    if (object) return object->size;
    if (object.error().code == S3ErrorCode::kNoSuchKey) return std::nullopt;
    return std::unexpected(to_base_error(object.error()));
  }

 private:
  std::shared_ptr<BucketDirectory> bucket_;
};

}  // namespace

base::Result<std::unique_ptr<maprun::ResultBucket>> open_result_bucket(
    const BucketRegistry* buckets, const std::string& name) {
  auto bucket = buckets == nullptr ? nullptr : buckets->find(name);
  if (bucket == nullptr) {
    return base::fail(base::ErrorCode::kNotFound,
                      fmt::format("The bucket '{}' of the ResultWriter does not exist", name));
  }
  return std::make_unique<Directory>(std::move(bucket));
}

}  // namespace weft::s3

#include "integrations/s3/bucket_registry.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "integrations/s3/object_key.h"

namespace weft::s3 {
namespace {

constexpr std::string_view kTokenMark = "1";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr size_t kPageKeysMax = 1000;

}  // namespace

std::string make_continuation_token(std::string_view last) {
  std::string token(kTokenMark);
  for (char c : last) {
    token.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    token.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
  return token;
}

S3Result<std::string> read_continuation_token(std::string_view token) {
  auto bad = [] {
    return s3_fail(S3ErrorCode::kInvalidArgument, "The continuation token provided is incorrect");
  };
  if (!token.starts_with(kTokenMark) || token.size() % 2 == 0 || token.size() < 3) return bad();
  std::string last;
  for (size_t i = 1; i < token.size(); i += 2) {
    size_t high = kHex.find(token[i]);
    size_t low = kHex.find(token[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return bad();
    last.push_back(static_cast<char>(high * 16 + low));
  }
  return last;
}

base::Error to_base_error(const S3Error& error) {
  switch (error.code) {
    case S3ErrorCode::kNoSuchBucket:
    case S3ErrorCode::kNoSuchKey:
    case S3ErrorCode::kNoSuchUpload:
      return {base::ErrorCode::kNotFound, error.message};
    case S3ErrorCode::kInternalError:
      return {base::ErrorCode::kIo, error.message};
    default:
      return {base::ErrorCode::kInvalidArgument, error.message};
  }
}

base::Result<void> BucketRegistry::add(std::string_view name, const std::string& path) {
  if (auto checked = check_bucket_name(name); !checked)
    return std::unexpected(to_base_error(checked.error()));
  auto bucket = BucketDirectory::open(path);
  if (!bucket) return std::unexpected(bucket.error());
  std::lock_guard lock(mutex_);
  if (!buckets_.emplace(name, *bucket).second) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("the bucket \"{}\" is named twice", name));
  }
  return {};
}

std::shared_ptr<BucketDirectory> BucketRegistry::find(std::string_view name) const {
  std::lock_guard lock(mutex_);
  auto it = buckets_.find(name);
  return it == buckets_.end() ? nullptr : it->second;
}

std::vector<std::string> BucketRegistry::names() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [name, bucket] : buckets_) out.push_back(name);
  return out;
}

base::Result<ListPage> BucketRegistry::list_objects_v2(std::string_view bucket,
                                                       std::string_view prefix,
                                                       std::string_view continuation_token,
                                                       size_t max_keys) const {
  auto directory = find(bucket);
  if (!directory)
    return base::fail(base::ErrorCode::kNotFound,
                      std::string(s3_message(S3ErrorCode::kNoSuchBucket)));
  ListQuery query;
  query.prefix = prefix;
  query.max_keys = std::clamp<size_t>(max_keys, 1, kPageKeysMax);
  if (!continuation_token.empty()) {
    auto last = read_continuation_token(continuation_token);
    if (!last) return std::unexpected(to_base_error(last.error()));
    query.after = std::move(*last);
  }
  auto listed = directory->list(query);
  if (!listed) return std::unexpected(to_base_error(listed.error()));
  ListPage page;
  page.truncated = listed->truncated;
  if (page.truncated) page.next_token = make_continuation_token(listed->last);
  page.objects.reserve(listed->objects.size());
  for (ObjectInfo& object : listed->objects) {
    page.objects.push_back(
        {object.key, object.quoted_etag(), object.size, object.last_modified_ms, "STANDARD"});
  }
  return page;
}

base::Result<std::string> BucketRegistry::get_object_text(std::string_view bucket,
                                                          std::string_view key,
                                                          uint64_t max_bytes) const {
  auto directory = find(bucket);
  if (!directory)
    return base::fail(base::ErrorCode::kNotFound,
                      std::string(s3_message(S3ErrorCode::kNoSuchBucket)));
  auto object = directory->get(key);
  if (!object) return std::unexpected(to_base_error(object.error()));
  if (object->info.size > max_bytes) {
    return base::fail(base::ErrorCode::kLimit,
                      fmt::format("the object s3://{}/{} has {} bytes, at most {} can be read",
                                  bucket, key, object->info.size, max_bytes));
  }
  std::string text(object->info.size, '\0');
  size_t done = 0;
  while (object->file && done < text.size()) {
    ssize_t length = ::pread(object->file->get(), text.data() + done, text.size() - done,
                             static_cast<off_t>(done));
    if (length < 0) {
      return base::fail(base::ErrorCode::kIo, fmt::format("cannot read s3://{}/{}: {}", bucket, key,
                                                          std::generic_category().message(errno)));
    }
    if (length == 0) break;
    done += static_cast<size_t>(length);
  }
  text.resize(done);
  return text;
}

}  // namespace weft::s3

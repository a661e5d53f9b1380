#include "integrations/s3/bucket_registry.h"

#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integrations/s3/object_key.h"
#include "sync/mutex.h"

namespace weft::s3 {
namespace {

constexpr std::string_view kTokenMark = "1";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr size_t kPageKeysMax = 1000;

// An object of a bucket that the port does not leave to S3 would be answered by another service.
S3Result<void> check_not_shadowed(const BucketPlaces& places, std::string_view name) {
  if (places.shadowed == nullptr || !places.shadowed(name)) return {};
  return s3_fail(S3ErrorCode::kInvalidBucketName,
                 fmt::format("The specified bucket is not valid: \"{}\" is the beginning of paths "
                             "that Weft has for other things (/metrics, /info, /v0.4/traces, "
                             "/2015-03-31/functions and the like)",
                             name));
}

S3Result<void> check_name(const BucketPlaces& places, std::string_view name) {
  if (auto checked = check_bucket_name(name); !checked) return checked;
  return check_not_shadowed(places, name);
}

// So that a bucket made or removed is so after a power cut, too.
S3Result<void> sync_home(const std::string& home) {
  net::FileDescriptor folder(::open(home.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::fsync(folder.get()) != 0) return s3_fail_errno("sync", home, errno);
  return {};
}

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

HomeFolders folders_at_home(const BucketPlaces& places) {
  HomeFolders found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(places.home, error), end;
       !error && !places.home.empty() && entry != end; entry.increment(error)) {
    std::error_code ignored;
    std::string name = entry->path().filename().string();
    if (name.starts_with('.') || !entry->is_directory(ignored)) continue;
    if (auto checked = check_name(places, name); checked) {
      found.buckets.insert(std::move(name));
    } else {
      found.others.emplace(std::move(name), std::move(checked.error().message));
    }
  }
  return found;
}

base::Result<void> BucketRegistry::add(std::string_view name, const std::string& path) {
  if (auto checked = check_name(places_, name); !checked)
    return std::unexpected(to_base_error(checked.error()));
  const sync::MutexLock lock(mutex_);
  if (added_.contains(name)) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("the bucket \"{}\" is named twice", name));
  }
  if (places_.staging.empty())
    return base::fail(base::ErrorCode::kInvalidArgument, "buckets have no place to stage");
  auto bucket = BucketDirectory::open(path, staging_of(name));
  if (!bucket) return std::unexpected(bucket.error());
  added_.emplace(name, Bucket{path, std::move(*bucket)});
  return {};
}

std::string BucketRegistry::home_of(std::string_view name) const {
  return fmt::format("{}/{}", places_.home, name);
}

std::string BucketRegistry::staging_of(std::string_view name) const {
  return fmt::format("{}/{}", places_.staging, name);
}

std::shared_ptr<BucketDirectory> BucketRegistry::current(std::string_view name,
                                                         Bucket& bucket) const {
  struct stat status{};
  if (::stat(bucket.path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    bucket.directory = nullptr;
  } else if (bucket.directory == nullptr ||
             bucket.directory->identity() !=
                 std::pair<uint64_t, uint64_t>(status.st_dev, status.st_ino)) {
    auto opened = BucketDirectory::open(bucket.path, staging_of(name));
    bucket.directory = opened ? std::move(*opened) : nullptr;
  }
  return bucket.directory;
}

std::shared_ptr<BucketDirectory> BucketRegistry::find(std::string_view name) const {
  const sync::MutexLock lock(mutex_);
  if (const auto added = added_.find(name); added != added_.end()) {
    return current(name, added->second);
  }
  if (places_.home.empty() || places_.staging.empty() || !check_name(places_, name)) return nullptr;
  const auto known = at_home_.try_emplace(std::string(name), Bucket{home_of(name), nullptr}).first;
  auto directory = current(name, known->second);
  if (directory == nullptr) at_home_.erase(known);
  return directory;
}

bool BucketRegistry::owns(std::string_view name) const {
  {
    const sync::MutexLock lock(mutex_);
    if (added_.contains(name)) return true;
  }
  return find(name) != nullptr;
}

std::vector<std::string> BucketRegistry::names() const {
  std::set<std::string> out = folders_at_home(places_).buckets;
  const sync::MutexLock lock(mutex_);
  for (const auto& [name, bucket] : added_) out.insert(name);
  return {out.begin(), out.end()};
}

S3Result<void> BucketRegistry::create(std::string_view name) {
  if (auto checked = check_name(places_, name); !checked) return checked;
  if (find(name) != nullptr) return {};
  if (places_.home.empty()) {
    return s3_fail(S3ErrorCode::kMethodNotAllowed,
                   "Buckets are directories that are named when Weft starts; with --buckets "
                   "DIRECTORY they can be made there");
  }
  if (::mkdir(home_of(name).c_str(), 0777) != 0) {
    const int failed = errno;  // EEXIST: another made it just now, or a file has the name
    if (failed != EEXIST || find(name) == nullptr)
      return s3_fail_errno("make the bucket", name, failed);
  }
  return sync_home(places_.home);
}

S3Result<void> BucketRegistry::remove(std::string_view name) {
  auto bucket = find(name);
  if (bucket == nullptr) return s3_fail(S3ErrorCode::kNoSuchBucket);
  const sync::MutexLock lock(mutex_);
  if (added_.contains(name)) {
    return s3_fail(S3ErrorCode::kMethodNotAllowed,
                   "The bucket is a directory that was named when Weft started; it cannot be "
                   "removed over S3");
  }
  if (::rmdir(home_of(name).c_str()) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST) return s3_fail(S3ErrorCode::kBucketNotEmpty);
    return s3_fail_errno("remove the bucket", name, errno);
  }
  at_home_.erase(std::string(name));
  std::error_code ignored;  // what was not complete goes with the bucket
  std::filesystem::remove_all(staging_of(name), ignored);
  return sync_home(places_.home);
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

}  // namespace weft::s3

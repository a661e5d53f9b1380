#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "integrations/s3/bucket_directory.h"
#include "sync/mutex.h"

namespace weft::s3 {

// One object of a listing, as Step Functions' ItemReader gives it to a Distributed Map.
struct ObjectSummary {
  std::string key;
  std::string etag;  // with its quotes
  uint64_t size = 0;
  int64_t last_modified_ms = 0;
  std::string storage_class;  // always "STANDARD"
};

struct ListPage {
  std::vector<ObjectSummary> objects;
  std::string next_token;  // "" unless truncated
  bool truncated = false;
};

// Where a registry's buckets keep what is theirs.
struct BucketPlaces {
  // A directory; each bucket stages in a folder of its name. "" = there are no buckets.
  std::string staging{};
  // A directory of which each subfolder with the name of a bucket is that bucket; "" = none.
  // Buckets can be made and removed here.
  std::string home{};
  // Whether the port has paths of other services below "/name/"; null = it has none.
  bool (*shadowed)(std::string_view name) = nullptr;
};

// Of the subfolders of a home: the buckets, and the others with the reason why each is none. Hidden
// ones are neither.
struct HomeFolders {
  std::set<std::string> buckets;
  std::map<std::string, std::string> others;
};
HomeFolders folders_at_home(const BucketPlaces& places);

// The buckets of this process by name: those that were added, then those at home. A folder that is
// removed or replaced while the process runs is no bucket until there is one again, and then the
// new one. Thread-safe.
class BucketRegistry {
 public:
  explicit BucketRegistry(BucketPlaces places = {}) : places_(std::move(places)) {}
  // Opens the directory `path` as bucket `name`. Errors: kInvalidArgument (name, used name, no
  // directory), kNotFound, kIo.
  base::Result<void> add(std::string_view name, const std::string& path);
  // Nothing when there is no such bucket, or its folder is not there.
  std::shared_ptr<BucketDirectory> find(std::string_view name) const;
  // Whether the name is of a bucket of ours, with its folder or without.
  bool owns(std::string_view name) const;
  // In order.
  std::vector<std::string> names() const;
  // Makes a bucket at home; success when it is there already. Errors: kInvalidBucketName,
  // kMethodNotAllowed (there is no home), kInternalError.
  S3Result<void> create(std::string_view name);
  // Removes an empty bucket at home. Errors: kNoSuchBucket, kBucketNotEmpty, kMethodNotAllowed (it
  // is not at home), kInternalError.
  S3Result<void> remove(std::string_view name);

  // For the Distributed Map's reader; blocks. A page of at most `max_keys` (1 to 1,000) objects in
  // key order, the next one with `continuation_token` = next_token. Errors: kNotFound with S3's
  // message ("The specified bucket does not exist"), kInvalidArgument (token), kIo.
  base::Result<ListPage> list_objects_v2(std::string_view bucket, std::string_view prefix,
                                         std::string_view continuation_token,
                                         size_t max_keys) const;

 private:
  struct Bucket {
    std::string path;
    std::shared_ptr<BucketDirectory> directory;  // none while its folder is not there
  };
  using Buckets = std::map<std::string, Bucket, std::less<>>;
  // Opens the folder where that has not been done, or it is another one by now.
  std::shared_ptr<BucketDirectory> current(std::string_view name, Bucket& bucket) const
      WEFT_REQUIRES(mutex_);
  std::string home_of(std::string_view name) const;
  std::string staging_of(std::string_view name) const;

  BucketPlaces places_;
  mutable sync::Mutex mutex_;
  mutable Buckets added_ WEFT_GUARDED_BY(mutex_);
  mutable Buckets at_home_ WEFT_GUARDED_BY(mutex_);
};

// Continuation tokens: opaque to clients, and free of bytes that XML or URLs dislike.
std::string make_continuation_token(std::string_view last);
// Error: kInvalidArgument.
S3Result<std::string> read_continuation_token(std::string_view token);

// The same failure for callers that do not speak S3.
base::Error to_base_error(const S3Error& error);

}  // namespace weft::s3

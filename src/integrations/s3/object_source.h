#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/error.h"
#include "integrations/s3/bucket_registry.h"
#include "maprun/items/file_items.h"
#include "maprun/result_files.h"

namespace weft::s3 {

// Which object a reader wants.
struct ObjectName {
  std::string bucket;
  std::string key;
  std::string version_id;  // "" = the current version
};

// Becomes true when nobody wants what is read any more, as when a Map Run is stopped; null: never.
using Unwanted = std::shared_ptr<const std::atomic<bool>>;

// Where the readers of Distributed Maps find objects, and their ResultWriters put them.
// Thread-safe; every call blocks. The messages
// of errors are S3's where there is one.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;
  // Opens the object as it is now; reading it fails once it is another one. What is opened must not
  // outlive the source. A file of our own buckets is read once as a whole for that. Opening it and
  // reading it fail soon once it is unwanted.
  virtual base::Result<std::shared_ptr<maprun::items::Bytes>> open(const ObjectName& name,
                                                                   const Unwanted& unwanted) = 0;
  // At most `max_keys` (1 to 1,000) objects behind the key `after` ("" = from the first), in order.
  // Of the page, next_token means nothing.
  virtual base::Result<ListPage> list(const std::string& bucket, const std::string& prefix,
                                      const std::string& after, size_t max_keys) = 0;
  // The bucket for the files of a ResultWriter, once it is known to be there. kNotFound: it is not;
  // the cause of States.ResultWriterFailed. Its calls block.
  virtual base::Result<std::unique_ptr<maprun::ResultBucket>> results(
      const std::string& bucket) = 0;
  // Ends the calls that wait for other machines or read a whole file; all further such ones fail.
  virtual void stop() {}
};

// What a reader says of a file that is no longer the one it began with.
base::Error object_changed();
// What nobody hears.
base::Result<void> check_wanted(const Unwanted& unwanted);

// The buckets of this process. `buckets` may be null (there are none) and outlives the source.
std::unique_ptr<ObjectSource> own_buckets(const BucketRegistry* buckets);

}  // namespace weft::s3

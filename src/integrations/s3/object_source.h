#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "integrations/s3/bucket_registry.h"
#include "maprun/items/file_items.h"

namespace weft::s3 {

// Which object a reader wants.
struct ObjectName {
  std::string bucket;
  std::string key;
  std::string version_id;  // "" = the current version
};

// Where the readers of Distributed Maps find objects. Thread-safe; every call blocks. The messages
// of errors are S3's where there is one.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;
  // Opens the object as it is now; reading it fails once it is another one.
  virtual base::Result<std::shared_ptr<maprun::items::Bytes>> open(const ObjectName& name) = 0;
  // At most `max_keys` (1 to 1,000) objects behind the key `after` ("" = from the first), in order.
  // Of the page, next_token means nothing.
  virtual base::Result<ListPage> list(const std::string& bucket, const std::string& prefix,
                                      const std::string& after, size_t max_keys) = 0;
  // Ends the calls that wait for other machines; all further ones fail.
  virtual void stop() {}
};

// What a reader says of a file that is no longer the one it began with.
base::Error object_changed();

// The buckets of this process. `buckets` may be null (there are none) and outlives the source.
std::unique_ptr<ObjectSource> own_buckets(const BucketRegistry* buckets);

}  // namespace weft::s3

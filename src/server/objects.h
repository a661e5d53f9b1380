#pragma once

#include <memory>

#include "base/error.h"
#include "integrations/s3/object_source.h"
#include "server/options.h"

namespace weft::server {

// Where Distributed Maps read: `buckets`, which outlives it, and the S3 servers that the options
// name, with the credentials and the region that AWS's tools would use. kInvalidArgument: one
// sentence that names the flag.
base::Result<std::unique_ptr<s3::ObjectSource>> open_objects(const ServeOptions& options,
                                                             const s3::BucketRegistry& buckets);

}  // namespace weft::server

#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "maprun/result_files.h"

namespace weft::s3 {

class BucketRegistry;

// The bucket `name` for the files of a ResultWriter. kNotFound, with S3's message, when there is
// none; `buckets` may be null. Calls of what is returned block on the file system; any thread.
base::Result<std::unique_ptr<maprun::ResultBucket>> open_result_bucket(
    const BucketRegistry* buckets, const std::string& name);

}  // namespace weft::s3

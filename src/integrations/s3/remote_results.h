#pragma once

#include <memory>
#include <string>

#include "aws/s3_client.h"
#include "base/error.h"
#include "maprun/result_files.h"

namespace weft::s3 {

// The bucket `bucket` of another S3 server for the files of a ResultWriter, once it is known to be
// there. What is larger than a part goes up in parts; what a crash left of an earlier upload of the
// same key is removed, where the server lists it. Blocks. Errors: kNotFound (there is none), kIo
// (what the server says, or that it says nothing).
base::Result<std::unique_ptr<maprun::ResultBucket>> open_remote_results(
    std::shared_ptr<aws::S3Client> client, const std::string& bucket);

}  // namespace weft::s3

#pragma once

#include <string>
#include <string_view>

#include "integrations/s3/s3_error.h"

namespace weft::s3 {

// A folder in a bucket's root that is never an object: earlier versions kept uploads in it.
inline constexpr std::string_view kHiddenFolder = ".weft";
// Files whose names begin so are about to replace an object, on file systems where that takes two
// steps; never objects.
inline constexpr std::string_view kHiddenPrefix = ".weft-new-";

// Checks that `key` can be a file below the bucket's directory: UTF-8 of 1 to 1,024 bytes, no NUL,
// no leading "/", no empty,
// "." or ".." segment, not below .weft/, no segment that begins with .weft-new-. A trailing "/"
// names a folder marker. Errors: kKeyTooLong; kInvalidArgument that says which rule was broken. (S3
// itself knows fewer rules: its keys are not paths.)
S3Result<void> check_key(std::string_view key);

// S3's rules for general purpose buckets: 3-63 of a-z 0-9 . -, begins and ends with a letter or
// digit, no "..", not like an IP address. Error: kInvalidBucketName that names the rule.
S3Result<void> check_bucket_name(std::string_view name);

}  // namespace weft::s3

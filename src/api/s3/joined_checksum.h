#pragma once

#include "api/s3/s3_call.h"
#include "integrations/s3/multipart_uploads.h"

namespace weft::api {

// What CompleteMultipartUpload says of the object its parts make: the checksum of all bytes
// (`x-amz-checksum-crc32: BASE64`), or that of the parts' checksums (`BASE64-N`). The check reads
// the joined file once; it is empty when the request says nothing. Errors: kInvalidRequest for a
// value that is none; the check's: kBadDigest, kInternalError.
s3::S3Result<s3::MultipartUploads::JoinedCheck> joined_check(const S3Call& call);

}  // namespace weft::api

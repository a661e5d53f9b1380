#pragma once

#include <pugixml.hpp>

#include "api/s3/s3_call.h"
#include "integrations/s3/multipart_uploads.h"

namespace weft::api {

// What CompleteMultipartUpload says of the object its parts make: the checksum of all bytes
// (`x-amz-checksum-crc32: BASE64`), or that of the parts' checksums (`BASE64-N`); and what
// `upload`, its document, says of each part (`<ChecksumCRC32>BASE64</ChecksumCRC32>`). The check
// reads the joined file once for each of the two; it is empty when the request says nothing.
// Errors: kInvalidRequest for a value that is none or contradicts x-amz-checksum-type,
// kNotImplemented for a checksum that is not offered; the check's: kBadDigest, kInvalidPart,
// kInternalError.
s3::S3Result<s3::MultipartUploads::JoinedCheck> joined_check(const S3Call& call,
                                                             pugi::xml_node upload);

}  // namespace weft::api

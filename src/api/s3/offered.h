#pragma once

#include "api/s3/s3_call.h"

namespace weft::api {

// Refuses what a request asks for beyond reading and writing whole objects, and what would be lost
// without a word: versions, offsets, encryption by keys, locks, ACLs, storage classes; and values
// that no header or parameter can have. Errors: kNotImplemented names the header or parameter,
// kInvalidArgument, kInvalidRequest and kAccessDenied are S3's own. AWS: pages of PutObject,
// CopyObject, GetObject, DeleteObject.
s3::S3Result<void> check_offered(const S3Call& call);

}  // namespace weft::api

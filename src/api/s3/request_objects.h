#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/s3/s3_call.h"
#include "integrations/s3/object_writer.h"

// What the writing operations share: reading bodies, metadata and copy sources from requests.

namespace weft::api {

// The headers that PutObject, CopyObject and CreateMultipartUpload store with the object, names in
// lower case. Error: kMetadataTooLarge (x-amz-meta-* above 2 KB).
s3::S3Result<std::vector<std::pair<std::string, std::string>>> stored_headers(
    const net::Headers& headers);

// Writes the request's body, decoded when it is aws-chunked, and checks Content-MD5 and
// x-amz-decoded-content-length. Errors: kBadDigest, kInvalidDigest, kIncompleteBody,
// kInvalidRequest, kInternalError.
s3::S3Result<s3::ObjectWriter> write_body(const S3Call& call);

// The body of a request as text, for small XML documents. Error: kMalformedXml when it is too
// large.
s3::S3Result<std::string> body_text(const S3Call& call);

// The object that x-amz-copy-source names, checked against the x-amz-copy-source-if-* headers.
// Errors: kInvalidArgument, kNoSuchBucket, kNoSuchKey, kPreconditionFailed.
struct CopySource {
  std::string bucket_name;
  s3::OpenObject object;
};
s3::S3Result<CopySource> open_copy_source(const S3Call& call);

// If-None-Match: * -> true. Any other value is not offered for writes, as in S3. Error:
// kNotImplemented.
s3::S3Result<bool> only_if_absent(const S3Call& call);

}  // namespace weft::api

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/s3/s3_call.h"
#include "integrations/s3/object_writer.h"

// What the writing operations share: reading bodies, metadata and copy sources from requests.

namespace weft::api {

// XML documents that clients send have at most so many bytes.
inline constexpr uint64_t kDocumentBytesMax = 8 * 1024 * 1024;

// The headers that PutObject, CopyObject and CreateMultipartUpload store with the object, names in
// lower case, its tags among them. Errors: kMetadataTooLarge (x-amz-meta-* above 2 KB),
// kInvalidTag.
s3::S3Result<std::vector<std::pair<std::string, std::string>>> stored_headers(
    const net::Headers& headers);

// Writes the request's body, decoded when it is aws-chunked, to `writer`, and checks everything the
// request says of it: lengths and checksums (body_checks.h). The checksum that was verified goes
// into `response`. Errors: kIncompleteBody, kInvalidRequest, kInternalError, BodyChecks'.
s3::S3Result<s3::ObjectWriter> write_body(const S3Call& call, s3::S3Result<s3::ObjectWriter> writer,
                                          net::Response& response);

// Whether x-amz-checksum-* of a request tell of its body, or of an object that the body speaks of.
enum class BodyChecksums { kOfBody, kOfObject };

// The body of a request as text, for small XML documents, checked as in write_body. Errors:
// kMalformedXml when it is too large, BodyChecks'.
s3::S3Result<std::string> body_text(const S3Call& call, BodyChecksums checksums);

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

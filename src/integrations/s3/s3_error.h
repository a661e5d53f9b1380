#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace weft::s3 {

// S3's error codes, as far as we answer them. X(enumerator, S3 code, HTTP status, S3's usual
// message). Source: AWS page "S3 API: Error responses".
#define WEFT_S3_ERRORS(X)                                                                          \
  X(kAccessDenied, "AccessDenied", 403, "Access Denied")                                           \
  X(kBadDigest, "BadDigest", 400, "The Content-MD5 you specified did not match what we received.") \
  X(kBucketNotEmpty, "BucketNotEmpty", 409, "The bucket you tried to delete is not empty")         \
  X(kContentSha256Mismatch, "XAmzContentSHA256Mismatch", 400,                                      \
    "The provided 'x-amz-content-sha256' header does not match what was computed.")                \
  X(kEntityTooLarge, "EntityTooLarge", 400,                                                        \
    "Your proposed upload exceeds the maximum allowed object size.")                               \
  X(kIncompleteBody, "IncompleteBody", 400,                                                        \
    "You did not provide the number of bytes specified by the Content-Length HTTP header.")        \
  X(kInternalError, "InternalError", 500, "We encountered an internal error. Please try again.")   \
  X(kInvalidArgument, "InvalidArgument", 400, "Invalid Argument")                                  \
  X(kInvalidBucketName, "InvalidBucketName", 400, "The specified bucket is not valid.")            \
  X(kInvalidDigest, "InvalidDigest", 400, "The Content-MD5 you specified is not valid.")           \
  X(kInvalidPart, "InvalidPart", 400,                                                              \
    "One or more of the specified parts could not be found.  The part may not have been "          \
    "uploaded, or the "                                                                            \
    "specified entity tag may not match the part's entity tag.")                                   \
  X(kInvalidPartOrder, "InvalidPartOrder", 400,                                                    \
    "The list of parts was not in ascending order. Parts must be ordered by part number.")         \
  X(kInvalidRange, "InvalidRange", 416, "The requested range is not satisfiable")                  \
  X(kInvalidRequest, "InvalidRequest", 400, "Invalid Request")                                     \
  X(kInvalidTag, "InvalidTag", 400, "The tag provided was not a valid tag.")                       \
  X(kInvalidUri, "InvalidURI", 400, "Couldn't parse the specified URI.")                           \
  X(kKeyTooLong, "KeyTooLongError", 400, "Your key is too long")                                   \
  X(kMalformedTrailer, "MalformedTrailerError", 400,                                               \
    "The request contained trailing data that was not well-formed or did not conform to our "      \
    "published schema.")                                                                           \
  X(kMalformedXml, "MalformedXML", 400,                                                            \
    "The XML you provided was not well-formed or did not validate against our published schema")   \
  X(kMetadataTooLarge, "MetadataTooLarge", 400,                                                    \
    "Your metadata headers exceed the maximum allowed metadata size")                              \
  X(kMethodNotAllowed, "MethodNotAllowed", 405,                                                    \
    "The specified method is not allowed against this resource.")                                  \
  X(kNoSuchBucket, "NoSuchBucket", 404, "The specified bucket does not exist")                     \
  X(kNoSuchKey, "NoSuchKey", 404, "The specified key does not exist.")                             \
  X(kNoSuchUpload, "NoSuchUpload", 404,                                                            \
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have "   \
    "been aborted or "                                                                             \
    "completed.")                                                                                  \
  X(kNotImplemented, "NotImplemented", 501,                                                        \
    "A header you provided implies functionality that is not implemented")                         \
  X(kNotModified, "NotModified", 304, "Not Modified")                                              \
  X(kObjectConflict, "OperationAborted", 409, "The key conflicts with a key that exists.")         \
  X(kPreconditionFailed, "PreconditionFailed", 412,                                                \
    "At least one of the pre-conditions you specified did not hold")                               \
  X(kSlowDown, "SlowDown", 503, "Please reduce your request rate.")

enum class S3ErrorCode {
#define WEFT_S3_ENUM(code, name, status, message) code,
  WEFT_S3_ERRORS(WEFT_S3_ENUM)
#undef WEFT_S3_ENUM
};

// "NoSuchKey".
std::string_view s3_name(S3ErrorCode code);
int s3_status(S3ErrorCode code);
std::string_view s3_message(S3ErrorCode code);

// A failure of an S3 operation, told as S3 tells it.
struct S3Error {
  S3ErrorCode code = S3ErrorCode::kInternalError;
  std::string message;
};

template <typename T>
using S3Result = std::expected<T, S3Error>;

// `return s3_fail(S3ErrorCode::kNoSuchKey);` with S3's message, or with one that says more.
std::unexpected<S3Error> s3_fail(S3ErrorCode code, std::string message = "");
// kInternalError from errno: "cannot write a/b: no space left on device".
std::unexpected<S3Error> s3_fail_errno(std::string_view doing, std::string_view key,
                                       int error_number);

}  // namespace weft::s3

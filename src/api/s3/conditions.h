#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "integrations/s3/object_attributes.h"
#include "integrations/s3/s3_error.h"
#include "net/http.h"

namespace weft::api {

// Checks If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since against the object, in
// the order of RFC 9110 13.2.2. `prefix` "x-amz-copy-source-" checks a copy's source instead.
// Errors: kPreconditionFailed, kNotModified (never for a copy, whose unmet conditions are all
// kPreconditionFailed).
s3::S3Result<void> check_conditions(const net::Headers& headers, const s3::ObjectInfo& object,
                                    std::string_view prefix = "");

// Seconds since the epoch of `Tue, 15 Nov 1994 08:12:31 GMT`.
std::optional<int64_t> parse_http_date(std::string_view text);

struct ByteRange {
  uint64_t offset = 0;
  uint64_t length = 0;
};

// The bytes that `Range: bytes=...` asks of `size`. Nothing when there is no range or it is of
// another form (many ranges, other units): then the whole object is the answer. Error:
// kInvalidRange.
s3::S3Result<std::optional<ByteRange>> parse_range(std::string_view header, uint64_t size);

}  // namespace weft::api

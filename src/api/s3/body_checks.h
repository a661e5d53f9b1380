#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/s3/checksum.h"
#include "integrations/s3/md5.h"
#include "integrations/s3/s3_error.h"
#include "net/http.h"

namespace weft::api {

// What a request says of its body: Content-MD5, x-amz-content-sha256, x-amz-checksum-* (in the head
// or in a trailer). All of it is verified. One thread.
class BodyChecks {
 public:
  // Errors: kInvalidDigest, kInvalidArgument, kInvalidRequest for what cannot be a checksum. With
  // `of_body` false the x-amz-checksum-* headers tell of something else than this body.
  static s3::S3Result<BodyChecks> of(const net::Headers& headers, bool of_body = true);

  // The next bytes of the body, transfer framing taken off.
  void append(std::string_view bytes);
  using Trailers = std::vector<std::pair<std::string, std::string>>;  // names in lower case
  // After all bytes. Errors: kBadDigest, kContentSha256Mismatch, kMalformedTrailer.
  s3::S3Result<void> check(const Trailers& trailers);

  // The header of the checksum that was verified, to be sent back; nothing when there was none.
  std::optional<std::pair<std::string, std::string>> verified() const { return verified_; }

 private:
  s3::S3Result<void> expect_checksum(std::string_view header, std::string_view value);
  s3::S3Result<void> expect_trailer(std::string_view names);
  s3::S3Result<void> expect_sha256(std::string_view value);

  std::optional<s3::Md5> md5_;
  std::string expected_md5_;
  std::optional<Checksum> sha256_;
  std::string expected_sha256_;
  std::optional<Checksum> checksum_;
  ChecksumKind kind_ = ChecksumKind::kCrc32;
  std::string header_;             // "x-amz-checksum-crc32"
  std::string expected_checksum_;  // "" until the trailer came
  bool in_trailer_ = false;
  std::optional<std::pair<std::string, std::string>> verified_;
};

}  // namespace weft::api

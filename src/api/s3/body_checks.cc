#include "api/s3/body_checks.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/encoding.h"

namespace weft::api {
namespace {

using s3::S3ErrorCode;

constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";
constexpr size_t kMd5Bytes = 16;
constexpr size_t kSha256HexDigits = 64;

// Values of x-amz-content-sha256 that tell no digest (AWS page "Signature Calculations for the
// Authorization Header").
constexpr std::string_view kUnsignedPayloads[] = {
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"};

std::optional<ChecksumKind> kind_of(std::string_view header) {
  if (!header.starts_with(kChecksumPrefix)) return std::nullopt;
  return checksum_of_header(header.substr(kChecksumPrefix.size()));
}

}  // namespace

s3::S3Result<BodyChecks> BodyChecks::of(const net::Headers& headers, bool of_body) {
  BodyChecks checks;
  s3::S3Result<void> read;
  for (const auto& [name, value] : headers.fields) {
    const std::string field = net::lower_case(name);
    if (field == "content-md5") {
      auto digest = from_exact_base64(value);
      if (!digest || digest->size() != kMd5Bytes) return s3::s3_fail(S3ErrorCode::kInvalidDigest);
      checks.expected_md5_ = std::move(*digest);
      checks.md5_.emplace();
    } else if (field == "x-amz-content-sha256") {
      read = checks.expect_sha256(value);
    } else if (field == "x-amz-trailer" && of_body) {
      read = checks.expect_trailer(value);
    } else if (kind_of(field) && of_body) {
      read = checks.expect_checksum(field, value);
    }
    if (!read) return std::unexpected(read.error());
  }
  return checks;
}

s3::S3Result<void> BodyChecks::expect_sha256(std::string_view value) {
  if (std::ranges::find(kUnsignedPayloads, value) != std::end(kUnsignedPayloads)) return {};
  if (value.size() != kSha256HexDigits || !std::ranges::all_of(value, base::is_hex)) {
    return s3::s3_fail(S3ErrorCode::kInvalidArgument,
                       "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, one of the STREAMING- "
                       "values, or a valid sha256 value.");
  }
  expected_sha256_ = net::lower_case(value);
  sha256_.emplace(ChecksumKind::kSha256);
  return {};
}

s3::S3Result<void> BodyChecks::expect_checksum(std::string_view header, std::string_view value) {
  if (checksum_) {
    return s3::s3_fail(S3ErrorCode::kInvalidRequest,
                       "Expecting a single x-amz-checksum- header. Multiple checksum Types are not "
                       "allowed.");
  }
  kind_ = *kind_of(header);
  auto expected = from_exact_base64(value);
  if (!expected || expected->size() != checksum_bytes(kind_)) {
    return s3::s3_fail(S3ErrorCode::kInvalidRequest,
                       fmt::format("Value for {} header is invalid.", header));
  }
  header_ = header;
  expected_checksum_ = std::move(*expected);
  checksum_.emplace(kind_);
  return {};
}

s3::S3Result<void> BodyChecks::expect_trailer(std::string_view names) {
  const std::string header = net::lower_case(names);
  const auto kind = kind_of(header);
  if (!kind || checksum_) {
    return s3::s3_fail(S3ErrorCode::kInvalidRequest,
                       "The value specified in the x-amz-trailer header is not supported");
  }
  kind_ = *kind;
  header_ = header;
  in_trailer_ = true;
  checksum_.emplace(kind_);
  return {};
}

void BodyChecks::append(std::string_view bytes) {
  if (md5_) md5_->append(bytes);
  if (sha256_) sha256_->append(bytes);
  if (checksum_) checksum_->append(bytes);
}

s3::S3Result<void> BodyChecks::check(const Trailers& trailers) {
  if (md5_) {
    const s3::Md5::Digest digest = md5_->finish();
    const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
    if (bytes != expected_md5_) return s3::s3_fail(S3ErrorCode::kBadDigest);
  }
  if (sha256_ && base::to_hex(sha256_->finish()) != expected_sha256_) {
    return s3::s3_fail(S3ErrorCode::kContentSha256Mismatch);
  }
  if (!checksum_) return {};
  if (in_trailer_) {
    const auto found =
        std::ranges::find(trailers, header_, [](const auto& one) { return one.first; });
    auto expected = found == trailers.end() ? std::nullopt : from_exact_base64(found->second);
    if (!expected || expected->size() != checksum_bytes(kind_)) {
      return s3::s3_fail(S3ErrorCode::kMalformedTrailer);
    }
    expected_checksum_ = std::move(*expected);
  }
  if (checksum_->finish() != expected_checksum_) {
    return s3::s3_fail(S3ErrorCode::kBadDigest,
                       fmt::format("The {} you specified did not match the calculated checksum.",
                                   checksum_name(kind_)));
  }
  verified_.emplace(header_, base::to_base64(expected_checksum_));
  return {};
}

}  // namespace weft::api

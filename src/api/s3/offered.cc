#include "api/s3/offered.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include <fmt/format.h>

#include "api/s3/checksum.h"
#include "arn/arn.h"

namespace weft::api {
namespace {

using s3::S3ErrorCode;
using s3::S3Result;

// Headers that change what is done; none of them is offered.
constexpr std::string_view kRefusedHeaders[] = {
    "x-amz-write-offset-bytes", "x-amz-website-redirect-location", "x-amz-mfa",
    "x-amz-if-match-size", "x-amz-if-match-last-modified-time"};
constexpr std::string_view kRefusedFamilies[] = {
    "x-amz-server-side-encryption-customer-", "x-amz-copy-source-server-side-encryption-customer-",
    "x-amz-server-side-encryption-aws-kms", "x-amz-object-lock-", "x-amz-grant-"};

// A header with the values it may have: those that mean what is done anyway, and those that S3
// knows and this is not.
struct Choice {
  std::string_view header;
  std::span<const std::string_view> done;
  std::span<const std::string_view> known;
};
constexpr std::string_view kEncryption[] = {"AES256"};
constexpr std::string_view kOtherEncryption[] = {"aws:kms", "aws:kms:dsse", "aws:fsx"};
constexpr std::string_view kAcl[] = {"private", "bucket-owner-full-control", "bucket-owner-read"};
constexpr std::string_view kOtherAcl[] = {"public-read", "public-read-write", "authenticated-read",
                                          "aws-exec-read", "log-delivery-write"};
constexpr std::string_view kClass[] = {"STANDARD"};
constexpr std::string_view kOtherClass[] = {"REDUCED_REDUNDANCY",  "STANDARD_IA", "ONEZONE_IA",
                                            "INTELLIGENT_TIERING", "GLACIER",     "DEEP_ARCHIVE",
                                            "GLACIER_IR",          "OUTPOSTS",    "SNOW",
                                            "EXPRESS_ONEZONE",     "FSX_OPENZFS", "FSX_ONTAP"};
constexpr std::string_view kDirective[] = {"COPY", "REPLACE"};
constexpr std::string_view kAlgorithm[] = {"CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"};
constexpr std::string_view kOtherAlgorithm[] = {"SHA512", "MD5", "XXHASH64", "XXHASH3",
                                                "XXHASH128"};
constexpr std::string_view kChecksumType[] = {"FULL_OBJECT", "COMPOSITE"};
constexpr std::string_view kChecksumMode[] = {"ENABLED", "DISABLED"};
constexpr Choice kChoices[] = {
    {"x-amz-server-side-encryption", kEncryption, kOtherEncryption},
    {"x-amz-acl", kAcl, kOtherAcl},
    {"x-amz-storage-class", kClass, kOtherClass},
    {"x-amz-metadata-directive", kDirective, {}},
    {"x-amz-tagging-directive", kDirective, {}},
    {"x-amz-sdk-checksum-algorithm", kAlgorithm, kOtherAlgorithm},
    {"x-amz-checksum-algorithm", kAlgorithm, kOtherAlgorithm},
    {"x-amz-checksum-type", kChecksumType, {}},
    {"x-amz-checksum-mode", kChecksumMode, {}},
};

std::unexpected<s3::S3Error> refuse(std::string_view what) {
  return s3::s3_fail(S3ErrorCode::kNotImplemented,
                     fmt::format("Weft's S3 does not offer {}", what));
}

// Whether it tells a checksum of a kind that is not computed here.
bool is_other_checksum(std::string_view header) {
  constexpr std::string_view kFamily = "x-amz-checksum-";
  return header.starts_with(kFamily) && !checksum_of_header(header.substr(kFamily.size())) &&
         std::ranges::find(kChoices, header, &Choice::header) == std::end(kChoices);
}

S3Result<void> check_headers(const S3Call& call) {
  for (const auto& [name, value] : call.request.headers.fields) {
    const std::string header = net::lower_case(name);
    const bool refused = is_other_checksum(header) ||
                         std::ranges::find(kRefusedHeaders, header) != std::end(kRefusedHeaders) ||
                         std::ranges::any_of(kRefusedFamilies, [&](std::string_view family) {
                           return header.starts_with(family);
                         });
    if (refused) return refuse(fmt::format("the header \"{}\"", header));
    const auto choice = std::ranges::find(kChoices, header, &Choice::header);
    if (choice == std::end(kChoices) ||
        std::ranges::find(choice->done, value) != choice->done.end())
      continue;
    if (std::ranges::find(choice->known, value) != choice->known.end())
      return refuse(fmt::format("the value \"{}\" of the header \"{}\"", value, header));
    return s3::s3_fail(S3ErrorCode::kInvalidArgument,
                       fmt::format("The header \"{}\" has no such value: \"{}\"", header, value));
  }
  return {};
}

// All buckets are the account's that ARNs have here.
S3Result<void> check_owner(const S3Call& call) {
  for (const std::string_view header :
       {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
    const auto owner = call.request.headers.find(header);
    const std::string account = arn::Home().account;
    if (!owner || *owner == account) continue;
    return s3::s3_fail(
        S3ErrorCode::kAccessDenied,
        fmt::format("Access Denied: {} is \"{}\", buckets here are of the account {}", header,
                    *owner, account));
  }
  return {};
}

bool is_whole(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

S3Result<void> check_parameters(const S3Call& call) {
  // "null" is the only version of what has none.
  if (const auto version = call.query.find("versionId"); version && *version != "null")
    return refuse("versions (the parameter \"versionId\")");
  for (const std::string_view name :
       {"partNumber", "max-parts", "max-uploads", "part-number-marker"}) {
    const auto value = call.query.find(name);
    if (!value || value->empty() || is_whole(*value)) continue;
    return s3::s3_fail(S3ErrorCode::kInvalidArgument,
                       fmt::format("Provided {} not an integer or within integer range", name));
  }
  const bool reads = call.is("GET") || call.is("HEAD");
  if (const auto part = call.query.find("partNumber"); part && reads && *part != "1")
    return refuse("reading by parts (\"partNumber\"): it does not keep which parts there were");
  const auto length = call.request.headers.find("x-amz-decoded-content-length");
  if (length && !is_whole(*length)) {
    return s3::s3_fail(
        S3ErrorCode::kInvalidArgument,
        fmt::format("x-amz-decoded-content-length must be a whole number, not \"{}\"", *length));
  }
  return {};
}

}  // namespace

S3Result<void> check_offered(const S3Call& call) {
  if (auto good = check_headers(call); !good) return good;
  if (auto good = check_owner(call); !good) return good;
  return check_parameters(call);
}

}  // namespace weft::api

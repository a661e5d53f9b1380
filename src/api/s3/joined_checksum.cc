#include "api/s3/joined_checksum.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "api/s3/checksum.h"

namespace weft::api {
namespace {

using s3::S3ErrorCode;

constexpr size_t kPieceBytes = 1024 * 1024;
constexpr std::string_view kPrefix = "x-amz-checksum-";

struct Expected {
  ChecksumKind kind = ChecksumKind::kCrc32;
  std::string bytes;
  bool of_parts = false;
};

s3::S3Result<void> append_range(int file, uint64_t offset, uint64_t length, Checksum& checksum) {
  std::vector<char> buffer(std::min<uint64_t>(length, kPieceBytes));
  while (length > 0) {
    const ssize_t got = ::pread(file, buffer.data(), std::min<uint64_t>(length, buffer.size()),
                                static_cast<off_t>(offset));
    if (got <= 0) return s3::s3_fail_errno("read back", "the joined object", errno);
    checksum.append({buffer.data(), static_cast<size_t>(got)});
    offset += static_cast<uint64_t>(got);
    length -= static_cast<uint64_t>(got);
  }
  return {};
}

s3::S3Result<void> check_joined(const Expected& expected, int file,
                                const std::vector<uint64_t>& part_bytes) {
  Checksum whole(expected.kind);
  uint64_t offset = 0;
  for (const uint64_t bytes : part_bytes) {
    Checksum part(expected.kind);
    auto read = append_range(file, offset, bytes, expected.of_parts ? part : whole);
    if (!read) return read;
    if (expected.of_parts) whole.append(part.finish());
    offset += bytes;
  }
  if (whole.finish() == expected.bytes) return {};
  return s3::s3_fail(S3ErrorCode::kBadDigest,
                     fmt::format("The {} you specified did not match the calculated checksum.",
                                 checksum_name(expected.kind)));
}

}  // namespace

s3::S3Result<s3::MultipartUploads::JoinedCheck> joined_check(const S3Call& call) {
  for (const auto& [name, value] : call.request.headers.fields) {
    const std::string field = net::lower_case(name);
    const auto kind = field.starts_with(kPrefix)
                          ? checksum_of_header(std::string_view(field).substr(kPrefix.size()))
                          : std::nullopt;
    if (!kind) continue;
    const size_t dash = value.rfind('-');  // no character of Base64
    Expected expected{.kind = *kind, .bytes = "", .of_parts = dash != std::string::npos};
    auto bytes = from_exact_base64(std::string_view(value).substr(0, dash));
    if (!bytes || bytes->size() != checksum_bytes(*kind)) {
      return s3::s3_fail(S3ErrorCode::kInvalidRequest,
                         fmt::format("Value for {} header is invalid.", field));
    }
    expected.bytes = std::move(*bytes);
    return [expected](int file, const std::vector<uint64_t>& part_bytes) {
      return check_joined(expected, file, part_bytes);
    };
  }
  return s3::MultipartUploads::JoinedCheck();
}

}  // namespace weft::api

#include "api/s3/joined_checksum.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

// `part`: its place in the list.
struct OfPart {
  size_t part = 0;
  ChecksumKind kind = ChecksumKind::kCrc32;
  std::string bytes;
};

s3::S3Result<void> check_parts(const std::vector<OfPart>& expected, int file,
                               const std::vector<uint64_t>& part_bytes) {
  uint64_t offset = 0;
  size_t part = 0;
  for (const OfPart& one : expected) {
    for (; part < one.part; ++part) offset += part_bytes[part];
    Checksum checksum(one.kind);
    auto read = append_range(file, offset, part_bytes[part], checksum);
    if (!read) return read;
    if (checksum.finish() != one.bytes) return s3::s3_fail(S3ErrorCode::kInvalidPart);
  }
  return {};
}

s3::S3Result<std::vector<OfPart>> expected_of_parts(pugi::xml_node upload) {
  constexpr std::string_view kElement = "Checksum";
  std::vector<OfPart> out;
  size_t index = 0;
  for (const pugi::xml_node part : upload.children("Part")) {
    for (const pugi::xml_node one : part.children()) {
      const std::string_view name = one.name();
      if (!name.starts_with(kElement)) continue;
      const auto kind = checksum_of_header(net::lower_case(name.substr(kElement.size())));
      if (!kind) {
        return s3::s3_fail(S3ErrorCode::kNotImplemented,
                           fmt::format("Weft's S3 does not offer the checksum \"{}\"", name));
      }
      auto bytes = from_exact_base64(one.child_value());
      if (!bytes || bytes->size() != checksum_bytes(*kind)) {
        return s3::s3_fail(S3ErrorCode::kInvalidRequest,
                           fmt::format("Value for {} of part {} is invalid.", name,
                                       part.child_value("PartNumber")));
      }
      out.push_back({index, *kind, std::move(*bytes)});
    }
    ++index;
  }
  return out;
}

// What the request says of the object as a whole; nothing when it says nothing.
s3::S3Result<std::optional<Expected>> expected_of_object(const S3Call& call) {
  for (const auto& [name, value] : call.request.headers.fields) {
    const std::string field = net::lower_case(name);
    const auto kind = field.starts_with(kPrefix)
                          ? checksum_of_header(std::string_view(field).substr(kPrefix.size()))
                          : std::nullopt;
    if (!kind) continue;
    const size_t dash = value.rfind('-');  // no character of Base64
    Expected expected{.kind = *kind, .bytes = "", .of_parts = dash != std::string::npos};
    auto bytes = from_exact_base64(std::string_view(value).substr(0, dash));
    const std::string_view type = call.header("x-amz-checksum-type");
    const bool other = type == (expected.of_parts ? "FULL_OBJECT" : "COMPOSITE");
    if (!bytes || bytes->size() != checksum_bytes(*kind) || other) {
      return s3::s3_fail(S3ErrorCode::kInvalidRequest,
                         fmt::format("Value for {} header is invalid.", field));
    }
    expected.bytes = std::move(*bytes);
    return expected;
  }
  return std::nullopt;
}

}  // namespace

s3::S3Result<s3::MultipartUploads::JoinedCheck> joined_check(const S3Call& call,
                                                             pugi::xml_node upload) {
  auto of_object = expected_of_object(call);
  if (!of_object) return std::unexpected(of_object.error());
  auto of_parts = expected_of_parts(upload);
  if (!of_parts) return std::unexpected(of_parts.error());
  if (!*of_object && of_parts->empty()) return s3::MultipartUploads::JoinedCheck();
  return [object = std::move(*of_object), parts = std::move(*of_parts)](
             int file, const std::vector<uint64_t>& part_bytes) {
    auto checked = check_parts(parts, file, part_bytes);
    return checked && object ? check_joined(*object, file, part_bytes) : checked;
  };
}

}  // namespace weft::api

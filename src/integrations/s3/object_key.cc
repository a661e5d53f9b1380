#include "integrations/s3/object_key.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "json/utf8.h"

namespace weft::s3 {
namespace {

constexpr size_t kKeyBytesMax = 1024;
constexpr size_t kSegmentBytesMax = 255;

std::unexpected<S3Error> bad_key(std::string_view reason) {
  return s3_fail(S3ErrorCode::kInvalidArgument,
                 fmt::format("The key cannot be a file of the bucket's directory: {}", reason));
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || base::is_digit(c); }

bool looks_like_address(std::string_view name) {
  return std::count(name.begin(), name.end(), '.') == 3 &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return base::is_digit(c) || c == '.'; });
}

}  // namespace

S3Result<void> check_key(std::string_view key) {
  if (key.empty()) return bad_key("it is empty");
  if (key.size() > kKeyBytesMax) return s3_fail(S3ErrorCode::kKeyTooLong);
  if (key.find('\0') != std::string_view::npos) return bad_key("it contains a NUL byte");
  if (!json::is_utf8(key)) return bad_key("it is not UTF-8");
  if (key.front() == '/') return bad_key("it begins with \"/\"");
  std::string_view rest = key.ends_with('/') ? key.substr(0, key.size() - 1) : key;
  if (rest.substr(0, rest.find('/')) == kHiddenFolder) return bad_key("\".weft\" is reserved");
  while (true) {
    size_t slash = rest.find('/');
    std::string_view segment = rest.substr(0, slash);
    if (segment.empty()) return bad_key("it contains an empty segment (\"//\")");
    if (segment == "." || segment == "..")
      return bad_key(fmt::format("it contains the segment \"{}\"", segment));
    if (segment.starts_with(kHiddenPrefix)) return bad_key("\".weft-new-\" is reserved");
    if (segment.size() > kSegmentBytesMax) return bad_key("a segment is longer than 255 bytes");
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

S3Result<void> check_bucket_name(std::string_view name) {
  auto bad = [&](std::string_view rule) {
    return s3_fail(S3ErrorCode::kInvalidBucketName,
                   fmt::format("The specified bucket is not valid: \"{}\" {}", name, rule));
  };
  if (name.size() < 3 || name.size() > 63) return bad("must have 3 to 63 characters");
  if (!std::all_of(name.begin(), name.end(),
                   [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-'; })) {
    return bad("may contain only a-z, 0-9, \".\" and \"-\"");
  }
  if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back()))
    return bad("must begin and end with a letter or a digit");
  if (name.find("..") != std::string_view::npos) return bad("must not contain \"..\"");
  if (looks_like_address(name)) return bad("must not look like an IP address");
  return {};
}

}  // namespace weft::s3

#include "integrations/s3/object_key.h"

#include <algorithm>

#include <fmt/format.h>

namespace weft::s3 {
namespace {

constexpr size_t kKeyBytesMax = 1024;
constexpr size_t kSegmentBytesMax = 255;

std::unexpected<S3Error> bad_key(std::string_view reason) {
  return s3_fail(S3ErrorCode::kInvalidArgument,
                 fmt::format("The key cannot be a file of the bucket's directory: {}", reason));
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool looks_like_address(std::string_view name) {
  return std::count(name.begin(), name.end(), '.') == 3 &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

// Bytes of the sequence that `lead` begins, 0 when it begins none.
size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i]);
    size_t length = sequence_length(lead);
    if (length == 0 || i + length > text.size()) return false;
    for (size_t j = 1; j < length; ++j) {
      if ((static_cast<unsigned char>(text[i + j]) & 0xC0) != 0x80) return false;
    }
    auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0x80;
    // Overlong forms, surrogates, beyond U+10FFFF.
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    i += length;
  }
  return true;
}

S3Result<void> check_key(std::string_view key) {
  if (key.empty()) return bad_key("it is empty");
  if (key.size() > kKeyBytesMax) return s3_fail(S3ErrorCode::kKeyTooLong);
  if (key.find('\0') != std::string_view::npos) return bad_key("it contains a NUL byte");
  if (!is_utf8(key)) return bad_key("it is not UTF-8");
  if (key.front() == '/') return bad_key("it begins with \"/\"");
  std::string_view rest = key.ends_with('/') ? key.substr(0, key.size() - 1) : key;
  if (rest.substr(0, rest.find('/')) == kHiddenFolder) return bad_key("\".weft\" is reserved");
  while (true) {
    size_t slash = rest.find('/');
    std::string_view segment = rest.substr(0, slash);
    if (segment.empty()) return bad_key("it contains an empty segment (\"//\")");
    if (segment == "." || segment == "..")
      return bad_key(fmt::format("it contains the segment \"{}\"", segment));
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

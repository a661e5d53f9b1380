#include "integrations/s3/object_tags.h"

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "net/url.h"

namespace weft::s3 {
namespace {

using base::is_hex;

constexpr size_t kTagsMax = 10;
constexpr size_t kNameCharsMax = 128;
constexpr size_t kValueCharsMax = 256;

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_tag_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// Whether every '%' stands before two hexadecimal digits.
bool is_percent_encoded(std::string_view text) {
  for (size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
  }
  return true;
}

}  // namespace

S3Result<void> check_tags(const Tags& tags) {
  if (tags.size() > kTagsMax)
    return s3_fail(S3ErrorCode::kInvalidTag, "Object tags cannot be greater than 10");
  std::set<std::string_view> names;
  for (const auto& [name, value] : tags) {
    if (name.empty() || characters(name) > kNameCharsMax || name.starts_with("aws:") ||
        !is_tag_text(name))
      return s3_fail(S3ErrorCode::kInvalidTag, "The TagKey you have provided is invalid");
    if (characters(value) > kValueCharsMax || !is_tag_text(value))
      return s3_fail(S3ErrorCode::kInvalidTag, "The TagValue you have provided is invalid");
    if (!names.insert(name).second)
      return s3_fail(S3ErrorCode::kInvalidTag, "Cannot provide multiple Tags with the same key");
  }
  return {};
}

S3Result<Tags> parse_tags(std::string_view header) {
  if (!is_percent_encoded(header))
    return s3_fail(S3ErrorCode::kInvalidTag, "The tags are not encoded as URL parameters are");
  Tags tags = net::Query::parse(header).parameters;
  if (auto checked = check_tags(tags); !checked) return std::unexpected(checked.error());
  return tags;
}

std::string tags_text(const Tags& tags) {
  std::string out;
  for (const auto& [name, value] : tags) {
    if (!out.empty()) out += '&';
    out += net::percent_encode(name) + "=" + net::percent_encode(value);
  }
  return out;
}

std::string_view tags_of(const ObjectAttributes& attributes) {
  for (const auto& [name, value] : attributes.headers) {
    if (name == kTaggingHeader) return value;
  }
  return {};
}

void set_tags_of(ObjectAttributes& attributes, std::string_view tags) {
  std::erase_if(attributes.headers,
                [](const auto& header) { return header.first == kTaggingHeader; });
  if (!tags.empty()) attributes.headers.emplace_back(kTaggingHeader, tags);
}

}  // namespace weft::s3

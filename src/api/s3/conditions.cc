#include "api/s3/conditions.h"

#include <algorithm>
#include <charconv>

#include <time.h>

namespace weft::api {
namespace {

using s3::S3ErrorCode;

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Whether a list of entity tags names `etag` (no quotes). Clients send them with or without quotes.
bool names_etag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    size_t comma = list.find(',');
    std::string_view tag = trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"')
      tag = tag.substr(1, tag.size() - 2);
    if (tag == "*" || tag == etag) return true;
  }
  return false;
}

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int64_t> parse_http_date(std::string_view text) {
  struct tm time{};
  std::string owned(text);
  const char* end = ::strptime(owned.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&time);
}

s3::S3Result<void> check_conditions(const net::Headers& headers, const s3::ObjectInfo& object,
                                    std::string_view prefix) {
  auto header = [&](std::string_view name) {
    return headers.find(std::string(prefix) + std::string(name));
  };
  int64_t modified = object.last_modified_ms / 1000;
  S3ErrorCode unchanged =
      prefix.empty() ? S3ErrorCode::kNotModified : S3ErrorCode::kPreconditionFailed;

  if (auto match = header("if-match")) {
    if (!names_etag(*match, object.attributes.etag))
      return s3::s3_fail(S3ErrorCode::kPreconditionFailed);
  } else if (auto since = header("if-unmodified-since")) {
    auto limit = parse_http_date(*since);
    if (limit && modified > *limit) return s3::s3_fail(S3ErrorCode::kPreconditionFailed);
  }
  if (auto none = header("if-none-match")) {
    if (names_etag(*none, object.attributes.etag)) return s3::s3_fail(unchanged);
  } else if (auto since = header("if-modified-since")) {
    auto limit = parse_http_date(*since);
    if (limit && modified <= *limit) return s3::s3_fail(unchanged);
  }
  return {};
}

s3::S3Result<std::optional<ByteRange>> parse_range(std::string_view header, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit) || header.find(',') != std::string_view::npos) return std::nullopt;
  header = trim(header.substr(kUnit.size()));
  size_t dash = header.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  auto first = parse_number(header.substr(0, dash));
  auto last = parse_number(header.substr(dash + 1));
  bool has_first = dash > 0;
  bool has_last = dash + 1 < header.size();
  if (has_first != first.has_value() || has_last != last.has_value() || (!has_first && !has_last))
    return std::nullopt;
  if (!has_first) {
    if (*last == 0 || size == 0) return s3::s3_fail(S3ErrorCode::kInvalidRange);
    uint64_t length = std::min(*last, size);
    return ByteRange{size - length, length};
  }
  if (has_last && *last < *first) return std::nullopt;
  if (*first >= size) return s3::s3_fail(S3ErrorCode::kInvalidRange);
  uint64_t end = has_last ? std::min(*last, size - 1) : size - 1;
  return ByteRange{*first, end - *first + 1};
}

}  // namespace weft::api

#include <algorithm>

#include <fmt/format.h>

#include "api/s3/conditions.h"
#include "api/s3/s3_call.h"
#include "base/time.h"
#include "integrations/s3/object_tags.h"

namespace weft::api {
namespace {

// Headers a GET may replace by a query parameter (S3: GetObject, "Overriding response header
// values").
constexpr std::pair<const char*, const char*> kOverrides[] = {
    {"response-content-type", "content-type"},
    {"response-content-language", "content-language"},
    {"response-expires", "expires"},
    {"response-cache-control", "cache-control"},
    {"response-content-encoding", "content-encoding"},
    {"response-content-disposition", "content-disposition"},
};

void set_object_headers(const S3Call& call, const s3::ObjectInfo& object, net::Headers& headers) {
  headers.set("ETag", object.quoted_etag());
  headers.set("Last-Modified", base::format_http_date(object.last_modified_ms));
  headers.set("Accept-Ranges", "bytes");
  headers.set("Content-Type", std::string(s3::kDefaultContentType));
  for (const auto& [name, value] : object.attributes.headers) {
    if (name != s3::kTaggingHeader) headers.set(name, value);
  }
  const auto tags = net::Query::parse(s3::tags_of(object.attributes)).parameters;
  if (!tags.empty()) headers.set("x-amz-tagging-count", std::to_string(tags.size()));
  for (const auto& [parameter, name] : kOverrides) {
    if (auto value = call.query.find(parameter)) headers.set(name, std::string(*value));
  }
}

// As S3: who only knows an address does not say as what its object is shown.
s3::S3Result<void> check_overrides(const S3Call& call) {
  const bool is_signed = call.request.headers.find("authorization") ||
                         call.query.has("X-Amz-Signature") || call.query.has("Signature");
  const auto overrides = [&](const auto& one) { return call.query.has(one.first); };
  if (is_signed || std::ranges::none_of(kOverrides, overrides)) return {};
  return s3::s3_fail(
      s3::S3ErrorCode::kInvalidRequest,
      "Request specific response headers cannot be used for anonymous GET requests.");
}

}  // namespace

S3Answer get_object(const S3Call& call) {
  if (auto checked = check_overrides(call); !checked) return std::unexpected(checked.error());
  auto object = call.bucket->get(call.key);
  if (!object) return std::unexpected(object.error());
  net::Response response;
  if (auto checked = check_conditions(call.request.headers, object->info); !checked) {
    if (checked.error().code != s3::S3ErrorCode::kNotModified)
      return std::unexpected(checked.error());
    response.status = 304;
    set_object_headers(call, object->info, response.headers);
    return response;
  }
  auto range = parse_range(call.header("range"), object->info.size);
  if (!range) return std::unexpected(range.error());
  set_object_headers(call, object->info, response.headers);
  ByteRange bytes{0, object->info.size};
  if (*range) {
    bytes = **range;
    response.status = 206;
    response.headers.set("Content-Range",
                         fmt::format("bytes {}-{}/{}", bytes.offset,
                                     bytes.offset + bytes.length - 1, object->info.size));
  }
  response.headers.set("Content-Length", std::to_string(bytes.length));
  if (object->file) response.file = net::FileRange{object->file, bytes.offset, bytes.length};
  return response;
}

}  // namespace weft::api

#include <algorithm>
#include <charconv>

#include "api/s3/s3_call.h"
#include "api/s3/s3_xml.h"
#include "base/time.h"

namespace weft::api {
namespace {

using s3::S3ErrorCode;

constexpr size_t kMaxKeys = 1000;
constexpr const char* kOwnerId = "weft";

void add_owner(pugi::xml_node node) {
  pugi::xml_node owner = node.append_child("Owner");
  add_text(owner, "ID", kOwnerId);
  add_text(owner, "DisplayName", kOwnerId);
}

// Keys may hold characters that XML cannot carry, so SDKs ask for encoding-type=url.
std::string shown(const S3Call& call, std::string_view text) {
  return call.parameter("encoding-type") == "url" ? net::percent_encode(text, "/")
                                                  : std::string(text);
}

s3::S3Result<s3::ListQuery> common_query(const S3Call& call) {
  s3::ListQuery query;
  query.prefix = call.parameter("prefix");
  query.delimiter = call.parameter("delimiter");
  auto encoding = call.query.find("encoding-type");
  if (encoding && !encoding->empty() && *encoding != "url") {
    return s3::s3_fail(S3ErrorCode::kInvalidArgument,
                       "Invalid Encoding Method specified in Request");
  }
  if (auto text = call.query.find("max-keys"); text && !text->empty()) {
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), query.max_keys);
    if (error != std::errc() || end != text->data() + text->size()) {
      return s3::s3_fail(S3ErrorCode::kInvalidArgument,
                         "Provided max-keys not an integer or within integer range");
    }
  }
  query.max_keys = std::min(query.max_keys, kMaxKeys);
  return query;
}

void add_common(const S3Call& call, const s3::ListQuery& query, const s3::ListResult& listed,
                bool with_owner, pugi::xml_node root) {
  add_text(root, "Name", call.bucket_name);
  add_text(root, "Prefix", shown(call, query.prefix));
  if (!query.delimiter.empty()) add_text(root, "Delimiter", shown(call, query.delimiter));
  add_number(root, "MaxKeys", query.max_keys);
  if (call.parameter("encoding-type") == "url") add_text(root, "EncodingType", "url");
  add_text(root, "IsTruncated", listed.truncated ? "true" : "false");
  for (const s3::ObjectInfo& object : listed.objects) {
    pugi::xml_node contents = root.append_child("Contents");
    add_text(contents, "Key", shown(call, object.key));
    add_text(contents, "LastModified", base::format_iso_ms(object.last_modified_ms));
    add_text(contents, "ETag", object.quoted_etag());
    add_number(contents, "Size", object.size);
    if (with_owner) add_owner(contents);
    add_text(contents, "StorageClass", "STANDARD");
  }
  for (const std::string& prefix : listed.common_prefixes) {
    add_text(root.append_child("CommonPrefixes"), "Prefix", shown(call, prefix));
  }
}

}  // namespace

S3Answer list_buckets(const S3Call& call) {
  S3Xml xml("ListAllMyBucketsResult");
  add_owner(xml.root());
  pugi::xml_node buckets = xml.root().append_child("Buckets");
  for (const std::string& name : call.buckets->names()) {
    if (!name.starts_with(call.parameter("prefix"))) continue;
    const auto directory = call.buckets->find(name);
    if (directory == nullptr) continue;
    pugi::xml_node bucket = buckets.append_child("Bucket");
    add_text(bucket, "Name", name);
    add_text(bucket, "CreationDate", base::format_iso_ms(directory->created_ms()));
  }
  return xml.response();
}

S3Answer list_objects_v1(const S3Call& call) {
  auto query = common_query(call);
  if (!query) return std::unexpected(query.error());
  query->after = call.parameter("marker");
  query->after_hides_prefix = true;
  auto listed = call.bucket->list(*query);
  if (!listed) return std::unexpected(listed.error());
  S3Xml xml("ListBucketResult");
  add_text(xml.root(), "Marker", shown(call, query->after));
  if (listed->truncated) add_text(xml.root(), "NextMarker", shown(call, listed->last));
  add_common(call, *query, *listed, true, xml.root());
  return xml.response();
}

S3Answer list_objects_v2(const S3Call& call) {
  auto query = common_query(call);
  if (!query) return std::unexpected(query.error());
  S3Xml xml("ListBucketResult");
  if (auto token = call.query.find("continuation-token")) {
    auto last = s3::read_continuation_token(*token);
    if (!last) return std::unexpected(last.error());
    query->after = std::move(*last);
    query->after_hides_prefix = true;
    add_text(xml.root(), "ContinuationToken", *token);
  } else {
    query->after = call.parameter("start-after");
  }
  auto listed = call.bucket->list(*query);
  if (!listed) return std::unexpected(listed.error());
  if (auto start = call.query.find("start-after"))
    add_text(xml.root(), "StartAfter", shown(call, *start));
  add_number(xml.root(), "KeyCount", listed->objects.size() + listed->common_prefixes.size());
  if (listed->truncated)
    add_text(xml.root(), "NextContinuationToken", s3::make_continuation_token(listed->last));
  add_common(call, *query, *listed, call.parameter("fetch-owner") == "true", xml.root());
  return xml.response();
}

}  // namespace weft::api

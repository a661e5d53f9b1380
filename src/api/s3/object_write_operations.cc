#include "api/s3/conditions.h"
#include "api/s3/request_objects.h"
#include "api/s3/s3_call.h"
#include "api/s3/s3_xml.h"
#include "base/time.h"
#include "integrations/s3/object_tags.h"

namespace weft::api {
namespace {

using s3::S3ErrorCode;

constexpr size_t kDeleteKeysMax = 1000;

// If-Match of a write: the object must be there with that ETag.
s3::S3Result<void> check_if_match(const S3Call& call) {
  if (!call.request.headers.find("if-match")) return {};
  auto present = call.bucket->head(call.key);
  if (!present) return std::unexpected(present.error());
  net::Headers condition;
  condition.set("if-match", std::string(call.header("if-match")));
  return check_conditions(condition, *present);
}

// What a copy carries: the source's headers or the request's, and the same for the tags, each by
// its own directive.
s3::S3Result<std::vector<std::pair<std::string, std::string>>> copied_headers(
    const S3Call& call, const s3::ObjectInfo& from) {
  auto given = stored_headers(call.request.headers);
  if (!given) return given;
  const s3::ObjectAttributes asked{.etag = "", .headers = *given};
  s3::ObjectAttributes out{.etag = "", .headers = from.attributes.headers};
  if (call.header("x-amz-metadata-directive") == "REPLACE") out.headers = *given;
  const bool own_tags = call.header("x-amz-tagging-directive") == "REPLACE";
  s3::set_tags_of(out, std::string(s3::tags_of(own_tags ? asked : from.attributes)));
  return std::move(out.headers);
}

bool replaces_metadata(const S3Call& call) {
  return call.header("x-amz-metadata-directive") == "REPLACE";
}

void delete_one(const S3Call& call, pugi::xml_node object, bool quiet, pugi::xml_node root) {
  std::string key = object.child_value("Key");
  const std::string_view version = object.child_value("VersionId");
  const bool versioned = !version.empty() && version != "null";
  auto removed = versioned ? s3::S3Result<void>(s3::s3_fail(
                                 S3ErrorCode::kNotImplemented,
                                 "Weft's S3 does not offer versions: nothing was deleted"))
                           : call.bucket->remove(key);
  if (removed && quiet) return;
  pugi::xml_node entry = root.append_child(removed ? "Deleted" : "Error");
  add_text(entry, "Key", key);
  if (removed) return;
  add_text(entry, "Code", s3::s3_name(removed.error().code));
  add_text(entry, "Message", removed.error().message);
}

}  // namespace

S3Answer put_object(const S3Call& call) {
  auto absent = only_if_absent(call);
  if (!absent) return std::unexpected(absent.error());
  if (auto checked = check_if_match(call); !checked) return std::unexpected(checked.error());
  auto headers = stored_headers(call.request.headers);
  if (!headers) return std::unexpected(headers.error());
  net::Response response;
  auto writer = write_body(call, call.bucket->create_writer(), response);
  if (!writer) return std::unexpected(writer.error());
  auto object = call.bucket->put(call.key, std::move(*writer),
                                 {.headers = std::move(*headers), .only_if_absent = *absent});
  if (!object) return std::unexpected(object.error());
  response.headers.set("ETag", object->quoted_etag());
  return response;
}

S3Answer copy_object(const S3Call& call) {
  auto absent = only_if_absent(call);
  if (!absent) return std::unexpected(absent.error());
  auto source = open_copy_source(call);
  if (!source) return std::unexpected(source.error());
  const s3::ObjectInfo& from = source->object.info;
  if (source->bucket_name == call.bucket_name && from.key == call.key && !replaces_metadata(call)) {
    return s3::s3_fail(S3ErrorCode::kInvalidRequest,
                       "This copy request is illegal because it is trying to copy an object to "
                       "itself without changing the "
                       "object's metadata");
  }
  auto headers = copied_headers(call, from);
  if (!headers) return std::unexpected(headers.error());
  const s3::PutOptions options{.headers = std::move(*headers), .only_if_absent = *absent};
  auto writer = call.bucket->create_writer();
  if (!writer) return std::unexpected(writer.error());
  if (source->object.file) {
    auto copied = writer->append_file(source->object.file->get(), 0, from.size);
    if (!copied) return std::unexpected(copied.error());
  }
  auto object = call.bucket->put(call.key, std::move(*writer), options);
  if (!object) return std::unexpected(object.error());
  S3Xml xml("CopyObjectResult");
  add_text(xml.root(), "LastModified", base::format_iso_ms(object->last_modified_ms));
  add_text(xml.root(), "ETag", object->quoted_etag());
  return xml.response();
}

S3Answer delete_object(const S3Call& call) {
  if (auto checked = check_if_match(call); !checked) return std::unexpected(checked.error());
  if (auto removed = call.bucket->remove(call.key); !removed)
    return std::unexpected(removed.error());
  net::Response response;
  response.status = 204;
  return response;
}

S3Answer delete_objects(const S3Call& call) {
  auto text = body_text(call, BodyChecksums::kOfBody);
  if (!text) return std::unexpected(text.error());
  pugi::xml_document document;
  if (auto parsed = parse_xml(*text, document); !parsed) return std::unexpected(parsed.error());
  pugi::xml_node request = document.child("Delete");
  auto objects = request.children("Object");
  auto count = static_cast<size_t>(std::distance(objects.begin(), objects.end()));
  if (count == 0 || count > kDeleteKeysMax) return s3::s3_fail(S3ErrorCode::kMalformedXml);
  bool quiet = request.child("Quiet").text().as_bool();
  S3Xml xml("DeleteResult");
  for (pugi::xml_node object : objects) delete_one(call, object, quiet, xml.root());
  return xml.response();
}

}  // namespace weft::api

#include "api/s3/request_objects.h"
#include "api/s3/s3_call.h"
#include "api/s3/s3_xml.h"
#include "integrations/s3/object_tags.h"

namespace weft::api {

S3Answer get_object_tagging(const S3Call& call) {
  auto object = call.bucket->head(call.key);
  if (!object) return std::unexpected(object.error());
  S3Xml xml("Tagging");
  pugi::xml_node set = xml.root().append_child("TagSet");
  for (const auto& [name, value] : net::Query::parse(s3::tags_of(object->attributes)).parameters) {
    pugi::xml_node tag = set.append_child("Tag");
    add_text(tag, "Key", name);
    add_text(tag, "Value", value);
  }
  return xml.response();
}

S3Answer put_object_tagging(const S3Call& call) {
  auto text = body_text(call, BodyChecksums::kOfBody);
  if (!text) return std::unexpected(text.error());
  pugi::xml_document document;
  if (auto parsed = parse_xml(*text, document); !parsed) return std::unexpected(parsed.error());
  pugi::xml_node set = document.child("Tagging").child("TagSet");
  if (!set) return s3::s3_fail(s3::S3ErrorCode::kMalformedXml);
  s3::Tags tags;
  for (pugi::xml_node tag : set.children("Tag")) {
    tags.emplace_back(tag.child_value("Key"), tag.child_value("Value"));
  }
  if (auto checked = s3::check_tags(tags); !checked) return std::unexpected(checked.error());
  if (auto kept = call.bucket->set_tags(call.key, s3::tags_text(tags)); !kept)
    return std::unexpected(kept.error());
  return net::Response();
}

S3Answer delete_object_tagging(const S3Call& call) {
  if (auto kept = call.bucket->set_tags(call.key, ""); !kept) return std::unexpected(kept.error());
  net::Response response;
  response.status = 204;
  return response;
}

}  // namespace weft::api

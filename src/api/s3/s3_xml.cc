#include "api/s3/s3_xml.h"

namespace weft::api {
namespace {

struct StringWriter : pugi::xml_writer {
  std::string text;
  void write(const void* data, size_t size) override {
    text.append(static_cast<const char*>(data), size);
  }
};

net::Response xml_response(const pugi::xml_document& document, int status) {
  StringWriter writer;
  writer.text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  document.save(writer, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  net::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/xml");
  response.body = std::move(writer.text);
  return response;
}

}  // namespace

void add_text(pugi::xml_node node, const char* name, std::string_view text) {
  node.append_child(name).text().set(std::string(text).c_str());
}

void add_number(pugi::xml_node node, const char* name, uint64_t number) {
  add_text(node, name, std::to_string(number));
}

S3Xml::S3Xml(const char* root) : root_(document_.append_child(root)) {
  root_.append_attribute("xmlns").set_value("http://s3.amazonaws.com/doc/2006-03-01/");
}

net::Response S3Xml::response(int status) const { return xml_response(document_, status); }

net::Response s3_error_response(const s3::S3Error& error, std::string_view resource,
                                std::string_view request_id) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("Error");
  add_text(root, "Code", s3::s3_name(error.code));
  add_text(root, "Message", error.message);
  add_text(root, "Resource", resource);
  add_text(root, "RequestId", request_id);
  return xml_response(document, s3::s3_status(error.code));
}

s3::S3Result<void> parse_xml(std::string_view text, pugi::xml_document& document) {
  // parse_default knows no DOCTYPE beyond skipping it, so entities cannot be declared.
  if (!document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8)) {
    return s3::s3_fail(s3::S3ErrorCode::kMalformedXml);
  }
  return {};
}

}  // namespace weft::api

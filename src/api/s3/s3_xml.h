#pragma once

#include <string>
#include <string_view>

#include <pugixml.hpp>

#include "integrations/s3/s3_error.h"
#include "net/http.h"

namespace weft::api {

// Adds `<name>text</name>`.
void add_text(pugi::xml_node node, const char* name, std::string_view text);
void add_number(pugi::xml_node node, const char* name, uint64_t number);

// An answer under construction: one root element in S3's namespace.
class S3Xml {
 public:
  explicit S3Xml(const char* root);
  pugi::xml_node root() const { return root_; }
  net::Response response(int status = 200) const;

 private:
  pugi::xml_document document_;
  pugi::xml_node root_;
};

// S3's error document for `error`, about `resource` (the request's path).
net::Response s3_error_response(const s3::S3Error& error, std::string_view resource,
                                std::string_view request_id);

// Reads the document a client sent. Error: kMalformedXml. No DTD, no entities but the five of XML.
s3::S3Result<void> parse_xml(std::string_view text, pugi::xml_document& document);

}  // namespace weft::api

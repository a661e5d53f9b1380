#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "integrations/http/form_encoding.h"
#include "json/arena.h"
#include "json/value.h"
#include "net/client.h"

namespace weft::http {

struct Connection;

// What a Task with arn:aws:states:::http:invoke asks for: its evaluated Parameters, checked (AWS
// page "Call HTTPS APIs").
struct HttpTask {
  std::string endpoint;  // an absolute http or https URL
  std::string method;
  net::Headers headers;
  std::vector<std::pair<std::string, std::string>> query;
  json::Value body;  // undefined = none
  bool url_encoded = false;
  ArrayFormat array_format = ArrayFormat::kIndices;
  std::string connection_arn;  // "" = none

  // The body refers to `parameters` and `arena`. kInvalidArgument: which field is wrong, as AWS
  // says it between brackets in the cause.
  static base::Result<HttpTask> parse(std::string_view parameters, json::Arena& arena);

  // The request itself, with what `connection` (may be null) adds: its values win. `region` is part
  // of the User-Agent. kInvalidArgument: the two bodies cannot be one.
  base::Result<net::ClientRequest> request(const Connection* connection, std::string_view region,
                                           json::Arena& arena) const;
};

}  // namespace weft::http

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/http.h"

namespace weft::http {

// What an EventBridge connection adds to the requests of HTTP tasks: its credentials, as the
// headers or parameters they travel in, and parameters of its own. All of it may be secret: it goes
// into requests and nowhere else.
struct Connection {
  std::string name;
  net::Headers headers;
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> body;

  // Reads the members AuthorizationType (API_KEY or BASIC) and AuthParameters of
  // EventBridge's CreateConnection. kInvalidArgument: which member is wrong; values are not named.
  static base::Result<Connection> parse(std::string name, std::string_view text);
  // `NAME=FILE`. kInvalidArgument: names the file.
  static base::Result<Connection> read_flag(std::string_view flag);
};

// "stripe" of "arn:aws:events:us-east-1:123456789012:connection/stripe/0a1b...", and of "stripe".
std::string_view connection_name(std::string_view arn);

}  // namespace weft::http

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http.h"

namespace weft::net {

// What the server adds to a handler's response.
struct ResponseFraming {
  std::string_view date;
  uint64_t body_size = 0;
  bool head_request = false;
  bool keep_alive = true;
  bool http_1_0 = false;
  bool streamed = false;  // no length: in chunks, and where HTTP/1.0 knows none, up to the end
};

// True for statuses that never carry a body (1xx, 204, 304).
bool is_bodiless(int status);

// The status line and the header fields, with the closing empty line. Control characters in values
// become spaces, so that no value can start another header. An answer without a
// Content-Security-Policy of its own gets one under which a browser runs nothing of it.
std::string format_response_head(const Response& response, const ResponseFraming& framing);

}  // namespace weft::net

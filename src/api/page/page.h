#pragma once

#include <string_view>

#include "net/http.h"

namespace weft::api {

// Where the page is; an ARN may follow.
inline constexpr std::string_view kPagePath = "/_weft/ui/";

// Answers GET and HEAD below kPagePath: the files that the build put in (ui/dist), and for all
// other paths the page itself, which reads the address. Compressed when the client accepts gzip;
// with an ETag, and 304 when the client has it already. Files named after their content never
// change. The page may load from its own origin only, and no other page may frame it. 404 in a
// build without it. Any thread.
net::Response page_response(const net::Request& request);

// True for the paths that page_response() answers.
bool is_page(std::string_view path);

}  // namespace weft::api

#include "net/response_head.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace weft::net {
namespace {

// What browsers may do with an answer that says nothing of it itself, as the page's own files do:
// whoever opens an object or an answer as a document gets one that runs nothing and is of no
// origin, since everything here is served from the origin that the APIs have.
constexpr std::pair<std::string_view, std::string_view> kDocumentFields[] = {
    {"Content-Security-Policy", "sandbox; default-src 'none'"},
    {"X-Content-Type-Options", "nosniff"},
};

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const size_t from = out.size();
  out += value;
  std::replace_if(
      out.begin() + static_cast<ptrdiff_t>(from), out.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  out += "\r\n";
}

}  // namespace

bool is_bodiless(int status) { return status < 200 || status == 204 || status == 304; }

std::string format_response_head(const Response& response, const ResponseFraming& framing) {
  std::string out;
  constexpr size_t kUsualFields = 384;  // bytes of a head without long values
  size_t size = kUsualFields;
  for (const auto& [name, value] : response.headers.fields) size += name.size() + value.size();
  out.reserve(size);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                 status_phrase(response.status));
  append_field(out, "Date", framing.date);
  std::string_view own_length;
  for (const auto& [name, value] : response.headers.fields) {
    if (same_name(name, "content-length")) {
      own_length = value;
    } else if (!same_name(name, "connection") && !same_name(name, "transfer-encoding") &&
               !same_name(name, "date")) {
      append_field(out, name, value);
    }
  }
  for (const auto& [name, value] : kDocumentFields) {
    if (!response.headers.find(name)) append_field(out, name, value);
  }
  if (framing.streamed) {
    if (!framing.http_1_0) out += "Transfer-Encoding: chunked\r\n";
  } else if (framing.head_request && !own_length.empty()) {
    append_field(out, "Content-Length", own_length);
  } else if (!is_bodiless(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", framing.body_size);
  }
  if (!framing.keep_alive) {
    out += "Connection: close\r\n";
  } else if (framing.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return out;
}

}  // namespace weft::net

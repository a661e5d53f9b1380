#include "aws/json_protocol.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "base/brief.h"
#include "json/utf8.h"
#include "json/write.h"

namespace weft::aws {
namespace {

std::string fault_body(const Fault& fault) {
  std::string body = R"({"__type":)";
  json::write_string(aws_name(fault), body);
  body += R"(,"message":)";
  json::write_string(message_text(fault.error.message), body);
  if (!fault.reason.empty()) {
    body += R"(,"reason":)";
    json::write_string(fault.reason, body);
  }
  return body + "}";
}

}  // namespace

std::string message_text(std::string_view message) {
  const std::string brief = base::brief(message);
  const std::string_view text = brief;
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = json::valid_utf8_length(text, at);
    out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(at, length);
    at += std::max<size_t>(length, 1);
  }
  return out;
}

std::string_view aws_name(const Fault& fault) {
  return fault.name.empty() ? base::aws_name(fault.error.code) : fault.name;
}

net::Response json_response(Reply reply) {
  net::Response response;
  response.headers.set("x-amzn-RequestId", random_uuid());
  response.headers.set("Content-Type", "application/x-amz-json-1.0");
  if (reply) {
    response.body = std::move(*reply);
    return response;
  }
  response.status = base::http_status(reply.error().error.code);
  response.headers.set("x-amzn-ErrorType", std::string(aws_name(reply.error())));
  response.body = fault_body(reply.error());
  return response;
}

std::string random_uuid() {
  thread_local std::random_device device;
  const auto word = [] { return (uint64_t{device()} << 32) | device(); };
  const uint64_t high = word();
  const uint64_t low = word();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF,
                     high & 0xFFF, 0x8000 | ((low >> 48) & 0x3FFF), low & 0xFFFFFFFFFFFFU);
}

}  // namespace weft::aws

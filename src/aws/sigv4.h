#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

// AWS Signature Version 4 (AWS IAM user guide, "Create a signed AWS API request"). Pure: the time
// is an argument.

namespace weft::aws {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // "" for long-term ones
};

// What is signed. `path` as it is sent, percent-encoded; `headers` must hold Host.
struct SignableRequest {
  std::string_view method;
  std::string_view path = "/";
  std::vector<std::pair<std::string, std::string>> query;  // not encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
};

struct SigningScope {
  std::string_view region;
  std::string_view service;
  base::UnixMs time_ms = 0;
};

// The headers to add: X-Amz-Date, X-Amz-Security-Token (with a session token only) and
// Authorization.
std::vector<std::pair<std::string, std::string>> sign(const SignableRequest& request,
                                                      const Credentials& credentials,
                                                      const SigningScope& scope);

// SHA-256 in lower-case hexadecimal digits, as signatures and X-Amz-Content-Sha256 want it.
std::string sha256_hex(std::string_view text);

}  // namespace weft::aws

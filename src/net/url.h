#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace weft::net {

// An absolute http or https URL, taken apart.
struct Url {
  bool tls = false;
  std::string host;    // without the brackets of an IPv6 address
  std::string port;    // "443" when the URL names none
  std::string target;  // path and query as written, "/" when there is none

  // Errors: kInvalidArgument for what is no such URL, or names a user.
  static base::Result<Url> parse(std::string_view text);
  // "host:port", the port only when it is not the scheme's; what a Host header says.
  std::string authority() const;
  // "https://host:port".
  std::string origin() const;
};

// Decodes %XX. "+" stays "+" (it means a space in queries only). Nothing when a "%" lacks its two
// digits.
std::optional<std::string> percent_decode(std::string_view text);

// Encodes all but A-Z a-z 0-9 - . _ ~ and the bytes in `keep`.
std::string percent_encode(std::string_view text, std::string_view keep = "");

// A parsed query string, in order.
struct Query {
  std::vector<std::pair<std::string, std::string>> parameters;

  // `a=1&b&c=%20+` -> a="1", b="", c="  ". Parts that do not decode are kept as they are.
  static Query parse(std::string_view query);
  bool has(std::string_view name) const;
  // The first value of `name`, or nothing.
  std::optional<std::string_view> find(std::string_view name) const;
};

}  // namespace weft::net

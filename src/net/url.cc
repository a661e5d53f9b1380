#include "net/url.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"

namespace weft::net {
namespace {

bool is_unreserved(char c) {
  return base::is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string decode_query_part(std::string_view part) {
  std::string spaced(part);
  for (char& c : spaced) {
    if (c == '+') c = ' ';
  }
  return percent_decode(spaced).value_or(spaced);
}

base::Result<Url> no_url(std::string_view text, std::string_view why) {
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("'{}' is no http or https URL: {}", text, why));
}

// Splits "host", "host:port" and "[::1]:port" into `url`; false when it is none of these.
bool parse_authority(std::string_view authority, Url& url) {
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!port.empty() && port.front() != ':') return false;
    if (!port.empty()) port.remove_prefix(1);
  } else if (const size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (host.empty() || port.size() > 5 || !std::ranges::all_of(port, base::is_digit)) return false;
  url.host = host;
  url.port = port.empty() ? (url.tls ? "443" : "80") : std::string(port);
  return std::stoi(url.port) <= 65535;
}

}  // namespace

base::Result<Url> Url::parse(std::string_view text) {
  const size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return no_url(text, "expected http:// or https://");
  Url url;
  const std::string_view scheme = text.substr(0, scheme_end);
  if (scheme != "http" && scheme != "https") return no_url(text, "expected http:// or https://");
  url.tls = scheme == "https";
  const auto is_unsafe = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 127; };
  if (std::ranges::any_of(text, is_unsafe)) return no_url(text, "spaces must be encoded");
  std::string_view rest = text.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  const size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos) return no_url(text, "it names a user");
  if (!parse_authority(authority, url)) return no_url(text, "expected a host, or host:port");
  url.target = rest.substr(authority_end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? "443" : "80")) out += ":" + port;
  return out;
}

std::string Url::origin() const { return (tls ? "https://" : "http://") + authority(); }

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = base::hex_value(text[i + 1]);
    int low = base::hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (is_unreserved(c) || keep.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

Query Query::parse(std::string_view query) {
  Query out;
  while (!query.empty()) {
    size_t end = query.find('&');
    std::string_view part = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (part.empty()) continue;
    size_t equals = part.find('=');
    std::string value = equals == std::string_view::npos
                            ? std::string()
                            : decode_query_part(part.substr(equals + 1));
    out.parameters.emplace_back(decode_query_part(part.substr(0, equals)), std::move(value));
  }
  return out;
}

bool Query::has(std::string_view name) const { return find(name).has_value(); }

std::optional<std::string_view> Query::find(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return std::nullopt;
}

}  // namespace weft::net

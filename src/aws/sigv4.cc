#include "aws/sigv4.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/encoding.h"
#include "net/url.h"

namespace weft::aws {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length);
  return {reinterpret_cast<const char*>(digest.data()), length};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

// Without blanks around it, and one where several were.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// "20150830T123600Z" of "2015-08-30T12:36:00.000Z".
std::string amz_date(base::UnixMs time_ms) {
  const std::string iso = base::format_iso_ms(time_ms);
  std::string out = iso.substr(0, 19) + "Z";
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  return out;
}

std::string canonical_query(Pairs query) {
  for (auto& [name, value] : query) {
    name = net::percent_encode(name);
    value = net::percent_encode(value);
  }
  std::ranges::sort(query);
  std::string out;
  for (const auto& [name, value] : query) {
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
  }
  return out;
}

}  // namespace

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  return base::to_hex({reinterpret_cast<const char*>(digest.data()), length});
}

Pairs sign(const SignableRequest& request, const Credentials& credentials,
           const SigningScope& scope) {
  const std::string date = amz_date(scope.time_ms);
  Pairs added = {{"X-Amz-Date", date}};
  if (!credentials.session_token.empty()) {
    added.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  Pairs headers;
  for (const auto& [name, value] : request.headers)
    headers.emplace_back(lower(name), trimmed(value));
  for (const auto& [name, value] : added) headers.emplace_back(lower(name), value);
  std::ranges::sort(headers, {}, &std::pair<std::string, std::string>::first);
  std::string lines;
  std::string names;
  for (const auto& [name, value] : headers) {
    lines += fmt::format("{}:{}\n", name, value);
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path,
                  canonical_query(request.query), lines, names, sha256_hex(request.body));
  const std::string day = date.substr(0, 8);
  const std::string credential_scope =
      fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, date, credential_scope, sha256_hex(canonical));
  std::string key = hmac("AWS4" + credentials.secret_access_key, day);
  for (const std::string_view part :
       {scope.region, scope.service, std::string_view("aws4_request")})
    key = hmac(key, part);
  added.emplace_back("Authorization",
                     fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                 credentials.access_key_id, credential_scope, names,
                                 base::to_hex(hmac(key, to_sign))));
  return added;
}

}  // namespace weft::aws

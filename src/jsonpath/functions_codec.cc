#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/encoding.h"
#include "json/exact.h"
#include "json/utf8.h"
#include "jsonpath/arguments.h"
#include "jsonpath/functions.h"
#include "jsonpath/limits.h"

// States.Base64Encode, Base64Decode and Hash.

namespace weft::jsonpath {

namespace {

// Bytes that are no UTF-8 become U+FFFD, as Java reads them.
std::string as_text(std::string_view bytes) {
  std::string out;
  for (size_t at = 0; at < bytes.size();) {
    const size_t length = json::valid_utf8_length(bytes, at);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    out += bytes.substr(at, length);
    at += length;
  }
  return out;
}

Refusal too_many_characters() {
  return Refusal(fmt::format("Argument 1 has more than {} characters", kCodecCharsMax));
}

struct Algorithm {
  std::string_view name;
  const EVP_MD* (*digest)();
};
constexpr std::array<Algorithm, 5> kAlgorithms{{{"MD5", EVP_md5},
                                                {"SHA-1", EVP_sha1},
                                                {"SHA-256", EVP_sha256},
                                                {"SHA-384", EVP_sha384},
                                                {"SHA-512", EVP_sha512}}};

std::string hex_digest(const EVP_MD* algorithm, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(data.data(), data.size(), digest.data(), &size, algorithm, nullptr);
  return base::to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

FunctionResult run_base64_encode(CallContext& context, std::span<const json::Value> arguments) {
  const auto text = string_argument(arguments, 0);
  if (!text) return Refusal(text.error());
  if (json::utf16_length(*text) > kCodecCharsMax) return too_many_characters();
  return json::Value::string(base::to_base64(*text), context.arena);
}

FunctionResult run_base64_decode(CallContext& context, std::span<const json::Value> arguments) {
  const auto text = string_argument(arguments, 0);
  if (!text) return Refusal(text.error());
  if (json::utf16_length(*text) > kCodecCharsMax) return too_many_characters();
  const auto bytes = base::from_base64(*text);
  if (!bytes) return refuse(0, "a Base64 text", arguments[0]);
  return json::Value::string(as_text(*bytes), context.arena);
}

FunctionResult run_hash(CallContext& context, std::span<const json::Value> arguments) {
  const auto name = string_argument(arguments, 1);
  if (!name) return Refusal(name.error());
  for (const Algorithm& algorithm : kAlgorithms) {
    if (algorithm.name != *name) continue;
    if (!fits_text(arguments[0], 4 * kCodecCharsMax)) return too_many_characters();
    std::string data(arguments[0].as_string());
    if (!arguments[0].is_string()) json::write_exact(arguments[0], data);
    if (json::utf16_length(data) > kCodecCharsMax) return too_many_characters();
    return json::Value::string(hex_digest(algorithm.digest(), data), context.arena);
  }
  return refuse(1, "MD5, SHA-1, SHA-256, SHA-384 or SHA-512", arguments[1]);
}

}  // namespace weft::jsonpath

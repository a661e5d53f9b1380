#include "integrations/tokens/task_tokens.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "store/store.h"

namespace weft::tokens {
namespace {

// The form of a token and the number of its key: so that later ones can be told from it.
constexpr std::string_view kForm("\1\0", 2);
constexpr size_t kPlaceBytes = 2 + 8 + 8 + 4;
constexpr size_t kSealBytes = 32;
constexpr size_t kTokenBytes = kPlaceBytes + kSealBytes;
static_assert(kTokenBytes % 3 == 0);  // no padding
constexpr size_t kTokenChars = kTokenBytes / 3 * 4;

// RFC 4648 section 5.
std::string base64url(std::string_view bytes) {
  std::string text(kTokenChars + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  if (text.size() != kTokenChars || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  std::string bytes(kTokenBytes, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                  reinterpret_cast<const unsigned char*>(plain.data()),
                  static_cast<int>(plain.size()));
  return bytes;
}

std::unexpected<base::Error> invalid() {
  return base::fail(base::ErrorCode::kInvalidToken, "Invalid Token: 'Invalid token'");
}

}  // namespace

TaskTokens::TaskTokens(std::string key) : key_(std::move(key)) {
  WEFT_CHECK(key_.size() == kKeyBytes);  // T1: tokens are sealed with a whole key
}

std::string TaskTokens::seal(std::string_view place) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(place.data()), place.size(), digest.data(), &length);
  return {reinterpret_cast<const char*>(digest.data()), length};
}

std::string TaskTokens::token(const TaskPlace& place) const {
  std::string bytes(kForm);
  store::append_u64(bytes, place.key.run);
  store::append_u64(bytes, place.key.index);
  store::append_u32(bytes, place.task);
  return base64url(bytes + seal(bytes));
}

base::Result<TaskPlace> TaskTokens::place(std::string_view token) const {
  const auto bytes = from_base64url(token);
  if (!bytes) return invalid();
  const std::string expected = seal(std::string_view(*bytes).substr(0, kPlaceBytes));
  const bool own = CRYPTO_memcmp(bytes->data() + kPlaceBytes, expected.data(), kSealBytes) == 0;
  if (!own || !bytes->starts_with(kForm)) return invalid();
  return TaskPlace{{*store::read_u64(*bytes, 2), *store::read_u64(*bytes, 10)},
                   *store::read_u32(*bytes, 18)};
}

}  // namespace weft::tokens

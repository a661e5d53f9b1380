#include "integrations/tokens/task_tokens.h"

#include <array>
#include <optional>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/encoding.h"
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
  return base::to_base64url(bytes + seal(bytes));
}

base::Result<TaskPlace> TaskTokens::place(std::string_view token) const {
  const auto bytes = token.size() == kTokenChars ? base::from_base64url(token) : std::nullopt;
  if (!bytes) return invalid();
  const std::string expected = seal(std::string_view(*bytes).substr(0, kPlaceBytes));
  const bool own = CRYPTO_memcmp(bytes->data() + kPlaceBytes, expected.data(), kSealBytes) == 0;
  if (!own || !bytes->starts_with(kForm)) return invalid();
  return TaskPlace{{*store::read_u64(*bytes, 2), *store::read_u64(*bytes, 10)},
                   *store::read_u32(*bytes, 18)};
}

}  // namespace weft::tokens

#include "trace/ids.h"

#include <array>
#include <memory>

#include <fmt/compile.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/check.h"
#include "base/digits.h"

namespace weft::trace {
namespace {

uint64_t hash_at(std::string_view text, size_t offset) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  // Looked up and set up once: both cost more than to hash a short text.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hasher(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  WEFT_CHECK(EVP_DigestInit_ex2(hasher.get(), algorithm, nullptr) == 1 &&
             EVP_DigestUpdate(hasher.get(), text.data(), text.size()) == 1 &&
             EVP_DigestFinal_ex(hasher.get(), digest.data(), nullptr) == 1);
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) value = value << 8 | digest[offset + i];
  value &= 0x7FFF'FFFF'FFFF'FFFF;
  return value == 0 ? 1 : value;
}

}  // namespace

std::string TraceId::hex() const {
  std::string out(32, '0');
  base::put_hex(base::put_hex(out.data(), high), low);
  return out;
}

std::string hex_of(uint64_t span_id) {
  std::string out(16, '0');
  base::put_hex(out.data(), span_id);
  return out;
}

uint64_t high_hash(std::string_view text) { return hash_at(text, 0); }
uint64_t low_hash(std::string_view text) { return hash_at(text, 8); }

TraceId trace_of_root(std::string_view execution_arn) {
  return {high_hash(execution_arn), low_hash(execution_arn)};
}

uint64_t span_of_attempt(std::string_view execution_arn, std::string_view state_name,
                         std::string_view entered_time, uint32_t retry_count,
                         uint32_t redrive_count) {
  std::string text;
  text.reserve(execution_arn.size() + state_name.size() + entered_time.size() + 24);
  text.append(execution_arn).append(1, '#').append(state_name).append(1, '#').append(entered_time);
  if (retry_count != 0 || redrive_count != 0) {
    text += fmt::format("#{}#{}", retry_count, redrive_count);
  }
  return high_hash(text);
}

}  // namespace weft::trace

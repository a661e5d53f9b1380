#include "trace/ids.h"

#include <array>

#include <fmt/compile.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/check.h"

namespace weft::trace {
namespace {

uint64_t hash_at(std::string_view text, size_t offset) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  // Looked up once: to look the algorithm up costs more than to hash a short text.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  WEFT_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, algorithm, nullptr) == 1);
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) value = value << 8 | digest[offset + i];
  value &= 0x7FFF'FFFF'FFFF'FFFF;
  return value == 0 ? 1 : value;
}

}  // namespace

std::string TraceId::hex() const { return fmt::format(FMT_COMPILE("{:016x}{:016x}"), high, low); }

std::string hex_of(uint64_t span_id) { return fmt::format(FMT_COMPILE("{:016x}"), span_id); }

uint64_t high_hash(std::string_view text) { return hash_at(text, 0); }
uint64_t low_hash(std::string_view text) { return hash_at(text, 8); }

TraceId trace_of_root(std::string_view execution_arn) {
  return {high_hash(execution_arn), low_hash(execution_arn)};
}

uint64_t span_of_attempt(std::string_view execution_arn, std::string_view state_name,
                         std::string_view entered_time, uint32_t retry_count,
                         uint32_t redrive_count) {
  std::string text = fmt::format(FMT_COMPILE("{}#{}#{}"), execution_arn, state_name, entered_time);
  if (retry_count != 0 || redrive_count != 0) {
    text += fmt::format("#{}#{}", retry_count, redrive_count);
  }
  return high_hash(text);
}

}  // namespace weft::trace

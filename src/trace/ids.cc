#include "trace/ids.h"

#include <array>

// OpenSSL's interface of before 3.0: the present one takes as long to set up as a short text to
// hash, and every call of a function waits for the hash of its id.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <fmt/compile.h>
#include <fmt/format.h>
#include <openssl/sha.h>

#include "base/digits.h"

namespace weft::trace {
namespace {

// SHA-256 of texts of which one after the other begins alike, as the ARNs of the children of a Map
// Run do: what the first block makes of the hash is kept, a third of the work of each.
class Sha256 {
 public:
  using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

  Digest operator()(std::string_view text) {
    SHA256_CTX state;
    if (text.size() < SHA256_CBLOCK) {
      SHA256_Init(&state);
    } else {
      state = after(text.substr(0, SHA256_CBLOCK));
      text.remove_prefix(SHA256_CBLOCK);
    }
    Digest digest;
    SHA256_Update(&state, text.data(), text.size());
    SHA256_Final(digest.data(), &state);
    return digest;
  }

 private:
  const SHA256_CTX& after(std::string_view first) {
    if (first != first_) {
      SHA256_Init(&after_first_);
      SHA256_Update(&after_first_, first.data(), first.size());
      first_ = first;
    }
    return after_first_;
  }

  std::string first_;  // a block, or empty before any
  SHA256_CTX after_first_;
};

uint64_t hash_at(std::string_view text, size_t offset) {
  thread_local Sha256 sha256;
  const Sha256::Digest digest = sha256(text);
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

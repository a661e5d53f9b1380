#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace weft::json {

// The first byte of [at, end) that cannot stand for itself in a JSON string or is not ASCII: a
// quote, a backslash, a control character, or 0x80 and above. Eight bytes at a time, as a number
// whose top bits mark such bytes; a borrow can mark only bytes after a true one.
inline const char* skip_plain(const char* at, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kOnes = 0x0101010101010101U;
  constexpr uint64_t kTops = kOnes * 0x80;
  for (; end - at >= 8; at += 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    const uint64_t quote = word ^ (kOnes * '"');
    const uint64_t backslash = word ^ (kOnes * '\\');
    const uint64_t found = ((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) |
                           ((backslash - kOnes) & ~backslash) | word;
    if ((found & kTops) != 0) return at + (std::countr_zero(found & kTops) >> 3);
  }
  for (; at != end; ++at) {
    const auto c = static_cast<unsigned char>(*at);
    if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
  }
  return at;
}

}  // namespace weft::json

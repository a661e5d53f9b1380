#include "columns/unpack.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace weft::columns {
namespace {

uint64_t word_at(const std::byte* data) {
  uint64_t word = 0;
  std::memcpy(&word, data, sizeof word);
  return word;
}

// Eight values of kBits bits take kBits bytes: where each begins in them is known when this is
// compiled. A function for each width.
template <unsigned kBits, typename Out>
void unpack_groups(const std::byte* data, size_t groups, uint64_t base, Out* out) {
  constexpr uint64_t kMask = kBits == 0 ? 0 : UINT64_MAX >> (64 - kBits) % 64;
  for (size_t group = 0; group < groups; ++group, data += kBits, out += 8) {
    [&]<size_t... kAt>(std::index_sequence<kAt...>) {
      ((out[kAt] =
            static_cast<Out>(base + (word_at(data + kAt * kBits / 8) >> kAt * kBits % 8 & kMask))),
       ...);
    }(std::make_index_sequence<8>());
  }
}

template <typename Out>
using Unpack = void (*)(const std::byte* data, size_t groups, uint64_t base, Out* out);

// By their bits. An `out` of fewer bits than the values have is asked for by nobody.
template <typename Out>
constexpr auto kUnpack = []<size_t... kBits>(std::index_sequence<kBits...>) {
  return std::array<Unpack<Out>, sizeof...(kBits)>{&unpack_groups<kBits, Out>...};
}(std::make_index_sequence<std::min<size_t>(kPackedBitsMost, 8 * sizeof(Out)) + 1>());

}  // namespace

template <typename Out>
void unpack(const std::byte* data, unsigned bits, size_t first, size_t count, uint64_t base,
            Out* out) {
  if (bits == 0) {
    std::fill_n(out, count, static_cast<Out>(base));
    return;
  }
  const uint64_t mask = UINT64_MAX >> (64 - bits);
  const auto one = [&](size_t at) {
    const size_t bit = at * bits;
    return static_cast<Out>(base + (word_at(data + bit / 8) >> bit % 8 & mask));
  };
  const size_t end = first + count;
  for (; first < end && first % 8 != 0; ++first) *out++ = one(first);
  if (bits < kUnpack<Out>.size() && first < end) {
    const size_t groups = (end - first) / 8;
    kUnpack<Out>[bits](data + first / 8 * bits, groups, base, out);
    first += groups * 8;
    out += groups * 8;
  }
  for (; first < end; ++first) *out++ = one(first);
}

template void unpack(const std::byte*, unsigned, size_t, size_t, uint64_t, uint64_t*);
template void unpack(const std::byte*, unsigned, size_t, size_t, uint64_t, uint32_t*);
template void unpack(const std::byte*, unsigned, size_t, size_t, uint64_t, uint16_t*);
template void unpack(const std::byte*, unsigned, size_t, size_t, uint64_t, uint8_t*);

}  // namespace weft::columns

#pragma once

#include <cstdint>
#include <string_view>

namespace weft::base {

// FNV-1a: names a text by a number, the same on every machine and for ever (labels, paths and error
// groups are stored by it). It guards against mistakes, never against someone who wants a
// collision, and keeps no secret.
inline constexpr uint64_t kFnv64Basis = 0xCBF29CE484222325;
inline constexpr uint32_t kFnv32Basis = 0x811C9DC5;

constexpr uint64_t fnv64_step(uint64_t hash, uint64_t value) {
  return (hash ^ value) * 0x100000001B3;
}
constexpr uint32_t fnv32_step(uint32_t hash, uint8_t byte) { return (hash ^ byte) * 0x01000193; }

// Goes on from `hash`: a basis, or what came out for the text before.
constexpr uint64_t fnv64(std::string_view text, uint64_t hash = kFnv64Basis) {
  for (const char byte : text) hash = fnv64_step(hash, static_cast<uint8_t>(byte));
  return hash;
}

}  // namespace weft::base

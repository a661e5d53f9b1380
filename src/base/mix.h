#pragma once

#include <cstdint>

namespace weft::base {

// The increment and the finalizer of splitmix64 (Steele, Lea, Flood 2014): spreads the bits of a
// number evenly over 64, the same on every machine.
inline constexpr uint64_t kMixStep = 0x9E3779B97F4A7C15;

constexpr uint64_t mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

}  // namespace weft::base

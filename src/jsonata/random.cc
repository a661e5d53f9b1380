#include "jsonata/random.h"

#include "jsonata/context.h"

namespace weft::jsonata {

// SplitMix64.
uint64_t next_random(Context& context) {
  context.random_state += 0x9E3779B97F4A7C15U;
  uint64_t z = context.random_state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

double next_random_double(Context& context) {
  return static_cast<double>(next_random(context) >> 11) * 0x1.0p-53;
}

}  // namespace weft::jsonata

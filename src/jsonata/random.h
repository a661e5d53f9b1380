#pragma once

#include <cstdint>

namespace weft::jsonata {

struct Context;

// The next 64 bits of an evaluation's random sequence, which its Environment's seed determines.
uint64_t next_random(Context& context);
// In [0, 1).
double next_random_double(Context& context);

}  // namespace weft::jsonata

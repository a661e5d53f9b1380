#include "jsonata/random.h"

#include "base/mix.h"
#include "jsonata/context.h"

namespace weft::jsonata {

uint64_t next_random(Context& context) {
  context.random_state += base::kMixStep;
  return base::mix64(context.random_state);
}

double next_random_double(Context& context) {
  return static_cast<double>(next_random(context) >> 11) * 0x1.0p-53;
}

}  // namespace weft::jsonata

#pragma once

namespace weft::jsonata {

// Rounds to `digits` places after the point (negative: before it), halves to even, shifting through
// decimal text as the reference does (1.005 to 2 places is 1). Never -0.
double round_half_even(double number, int digits);

}  // namespace weft::jsonata

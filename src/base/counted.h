#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/digits.h"

namespace weft::base {

// "1 cold start", "1,200 cold starts"; `many` where it is not `one` with an s.
inline std::string counted(uint64_t number, std::string_view one, std::string_view many = {}) {
  std::string text = grouped(number) + ' ';
  if (number != 1 && !many.empty()) return text.append(many);
  text += one;
  if (number != 1) text += 's';
  return text;
}

}  // namespace weft::base

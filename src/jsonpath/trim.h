#pragma once

#include <string_view>

// Internal to src/jsonpath.

namespace weft::jsonpath {

// As Java's String.trim has it: without the characters up to the blank at both ends.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

}  // namespace weft::jsonpath

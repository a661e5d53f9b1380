#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::base {

// A message without what is too large to be read in it: of words of more than `word_max` bytes,
// which quote what somebody gave, a beginning and their size; of more than `text_max` bytes in all
// the beginning and the end. What remains of characters that were cut is malformed.
std::string brief(std::string_view text, size_t word_max, size_t text_max);

}  // namespace weft::base

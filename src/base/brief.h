#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::base {

// Of a message that an answer of an API carries. AWS quotes what is just above its limits whole: a
// page token of 3,097 characters, as recorded.
inline constexpr size_t kWordBytesMax = 4'096;
inline constexpr size_t kMessageBytesMax = 32'768;

// A message without what is too large to be read in it: of words of more than `word_max` bytes,
// which quote what somebody gave, a beginning and their size; of more than `text_max` bytes in all
// the beginning, the size it had and the end. What remains is made of whole characters.
std::string brief(std::string_view text, size_t word_max = kWordBytesMax,
                  size_t text_max = kMessageBytesMax);

}  // namespace weft::base

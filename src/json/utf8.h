#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::json {

// The character that starts at text[at], moving `at` past it. The text must be valid; surrogates in
// three bytes are taken as they are (WTF-8).
char32_t decode_utf8(std::string_view text, size_t& at);

// Appends one character; a surrogate becomes three bytes.
void append_utf8(char32_t character, std::string& out);

// Length in bytes of the valid UTF-8 character at text[at] (surrogates are not valid), or 0.
size_t valid_utf8_length(std::string_view text, size_t at);

// Whether all of it is valid UTF-8.
bool is_utf8(std::string_view text);

// Bytes of the character whose first byte is `lead`.
inline size_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

inline bool is_high_surrogate(char32_t c) { return c >= 0xD800 && c < 0xDC00; }
inline bool is_low_surrogate(char32_t c) { return c >= 0xDC00 && c < 0xE000; }

}  // namespace weft::json

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

// Length of valid text in UTF-16 units, as AWS counts characters.
size_t utf16_length(std::string_view text);

// Bytes of valid text before its UTF-16 unit number `units`; all of them when it has fewer.
size_t utf16_to_bytes(std::string_view text, size_t units);

// Order by UTF-16 units, as Java compares: negative, 0 or positive. Differs from the order of bytes
// only where a character beyond U+FFFF meets one from U+E000 on.
int compare_utf16(std::string_view a, std::string_view b);

inline bool is_high_surrogate(char32_t c) { return c >= 0xD800 && c < 0xDC00; }
inline bool is_low_surrogate(char32_t c) { return c >= 0xDC00 && c < 0xE000; }

}  // namespace weft::json

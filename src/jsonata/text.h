#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "json/value.h"
#include "jsonata/context.h"

namespace weft::jsonata {

// Strings counted the two ways the language counts: characters (code points) and UTF-16 units.
// WTF-8 in, WTF-8 out.

// Characters of a string.
size_t count_characters(const Value& text);
// Byte offset of character `index` (the end when there are fewer).
size_t byte_of_character(const Value& text, size_t index);
// Byte offset of UTF-16 unit `index`; inside a pair it is the byte after the pair.
size_t byte_of_unit(std::string_view text, size_t index);
// UTF-16 units before byte `byte`.
size_t units_before(std::string_view text, size_t byte);

// Upper and lower case by the full mappings of Unicode, whatever the locale.
// `out` is overwritten; it must not hold `text`.
void to_upper(std::string_view text, std::string& out);
void to_lower(std::string_view text, std::string& out);

// Joins surrogate halves that came to stand side by side.
void join_surrogates(std::string& text);

// A text in UTF-16 and back; lone surrogates survive.
std::u16string to_utf16(std::string_view text);
std::string from_utf16(std::u16string_view units);

}  // namespace weft::jsonata

#pragma once

#include <string>
#include <string_view>

namespace weft::jsonata {

// Whole numbers in words, letters and Roman digits, and back. Words are in title case: "One Hundred
// and Twenty-Three".

std::string number_to_words(double number, bool ordinal);
// NaN when a word is unknown; `text` in lower case.
double words_to_number(std::string_view text);
// All words words_to_number() knows, joined by `|`.
const std::string& known_words();

// 1 is A, 27 is AA; nothing for 0. `first` is 'a' or 'A'.
std::string number_to_letters(double number, char first);
double letters_to_number(std::string_view text, char first);

std::string number_to_roman(double number);
double roman_to_number(std::string_view upper_case);

}  // namespace weft::jsonata

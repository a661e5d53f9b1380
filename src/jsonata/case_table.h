#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace weft::jsonata {

// What one non-ASCII character becomes in the other case: up to three characters, zero after the
// last.
struct CaseMapping {
  char32_t from;
  char32_t to[3];
};

// Sorted by `from`; characters that stay as they are have no entry. Unicode 14 (UnicodeData.txt,
// SpecialCasing.txt).
extern const std::span<const CaseMapping> kUpperMappings;
extern const std::span<const CaseMapping> kLowerMappings;

const CaseMapping* find_case(std::span<const CaseMapping> mappings, char32_t character);
// Appends the mapping, or the character itself without one.
void append_mapped(const CaseMapping* mapping, char32_t character, std::string& out);

}  // namespace weft::jsonata

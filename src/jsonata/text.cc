#include "jsonata/text.h"

#include <algorithm>

#include "json/utf8.h"
#include "jsonata/case_table.h"

namespace weft::jsonata {

size_t count_characters(const Value& text) {
  const std::string_view chars = text.as_string();
  if (text.has_flag(Value::kAscii)) return chars.size();
  return static_cast<size_t>(
      std::count_if(chars.begin(), chars.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

size_t byte_of_character(const Value& text, size_t index) {
  const std::string_view chars = text.as_string();
  if (text.has_flag(Value::kAscii)) return std::min(index, chars.size());
  size_t at = 0;
  for (; index > 0 && at < chars.size(); --index) at += json::utf8_length(chars[at]);
  return std::min(at, chars.size());
}

size_t byte_of_unit(std::string_view text, size_t index) {
  size_t at = 0;
  while (index > 0 && at < text.size()) {
    const size_t length = json::utf8_length(text[at]);
    index -= std::min<size_t>(index, length == 4 ? 2 : 1);
    at += length;
  }
  return std::min(at, text.size());
}

size_t units_before(std::string_view text, size_t byte) {
  size_t units = 0;
  for (size_t at = 0; at < byte && at < text.size();) {
    const size_t length = json::utf8_length(text[at]);
    units += length == 4 ? 2 : 1;
    at += length;
  }
  return units;
}

namespace {

// Whether a cased letter stands before (step -1) or after byte `at`; only letters decide the form
// of sigma.
bool cased_after(std::string_view text, size_t at) {
  if (at >= text.size()) return false;
  size_t next = at;
  const char32_t c = json::decode_utf8(text, next);
  return find_case(kUpperMappings, c) != nullptr || find_case(kLowerMappings, c) != nullptr;
}

bool cased_before(std::string_view text, size_t at) {
  if (at == 0) return false;
  size_t start = at - 1;
  while (start > 0 && (text[start] & 0xC0) == 0x80) --start;
  return cased_after(text, start);
}

}  // namespace

void to_upper(std::string_view text, std::string& out) {
  out.clear();
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      ++at;
      continue;
    }
    const char32_t character = json::decode_utf8(text, at);
    append_mapped(find_case(kUpperMappings, character), character, out);
  }
}

void to_lower(std::string_view text, std::string& out) {
  constexpr char32_t kSigma = 0x3A3;
  out.clear();
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      ++at;
      continue;
    }
    const size_t start = at;
    const char32_t character = json::decode_utf8(text, at);
    if (character == kSigma && cased_before(text, start) && !cased_after(text, at)) {
      json::append_utf8(0x3C2, out);
    } else {
      append_mapped(find_case(kLowerMappings, character), character, out);
    }
  }
}

std::u16string to_utf16(std::string_view text) {
  std::u16string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const char32_t c = json::decode_utf8(text, at);
    if (c < 0x10000) {
      out += static_cast<char16_t>(c);
    } else {
      out += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
      out += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return out;
}

std::string from_utf16(std::u16string_view units) {
  std::string out;
  out.reserve(units.size());
  for (size_t i = 0; i < units.size(); ++i) {
    char32_t c = units[i];
    if (json::is_high_surrogate(c) && i + 1 < units.size() &&
        json::is_low_surrogate(units[i + 1])) {
      c = 0x10000 + ((c - 0xD800) << 10) + (units[++i] - 0xDC00U);
    }
    json::append_utf8(c, out);
  }
  return out;
}

void join_surrogates(std::string& text) {
  if (text.find('\xED') == std::string::npos) return;
  text = from_utf16(to_utf16(text));
}

}  // namespace weft::jsonata

#include "json/utf8.h"

#include <algorithm>

namespace weft::json {

char32_t decode_utf8(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) -> char32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) & 0x3FU : 0U;
  };
  const auto lead = static_cast<unsigned char>(text[at]);
  char32_t result;
  if (lead < 0x80) {
    result = lead;
    at += 1;
  } else if (lead < 0xE0) {
    result = (lead & 0x1FU) << 6 | byte(at + 1);
    at += 2;
  } else if (lead < 0xF0) {
    result = (lead & 0x0FU) << 12 | byte(at + 1) << 6 | byte(at + 2);
    at += 3;
  } else {
    result = (lead & 0x07U) << 18 | byte(at + 1) << 12 | byte(at + 2) << 6 | byte(at + 3);
    at += 4;
  }
  if (at > text.size()) at = text.size();
  return result;
}

void append_utf8(char32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

size_t valid_utf8_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return follows(at + 1) ? 2 : 0;
  if (lead < 0xF0) {
    if (!follows(at + 1) || !follows(at + 2)) return 0;
    if (lead == 0xE0 && byte(at + 1) < 0xA0) return 0;
    if (lead == 0xED && byte(at + 1) >= 0xA0) return 0;
    return 3;
  }
  if (lead > 0xF4 || !follows(at + 1) || !follows(at + 2) || !follows(at + 3)) return 0;
  if (lead == 0xF0 && byte(at + 1) < 0x90) return 0;
  if (lead == 0xF4 && byte(at + 1) >= 0x90) return 0;
  return 4;
}

bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = valid_utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

size_t utf16_length(std::string_view text) {
  size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xC0) == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

size_t utf16_to_bytes(std::string_view text, size_t units) {
  size_t at = 0;
  for (size_t seen = 0; at < text.size() && seen < units;) {
    const size_t length = utf8_length(text[at]);
    seen += length == 4 ? 2 : 1;
    at += length;
  }
  return std::min(at, text.size());
}

int compare_utf16(std::string_view a, std::string_view b) {
  const auto [left, right] = std::ranges::mismatch(a, b);
  if (left == a.end() || right == b.end())
    return static_cast<int>(left != a.end()) - static_cast<int>(right != b.end());
  const auto x = static_cast<unsigned char>(*left);
  const auto y = static_cast<unsigned char>(*right);
  const bool x_wide = x >= 0xF0;
  const bool y_wide = y >= 0xF0;
  if (x_wide != y_wide && std::min(x, y) >= 0xEE) return x_wide ? -1 : 1;
  return x < y ? -1 : 1;
}

}  // namespace weft::json

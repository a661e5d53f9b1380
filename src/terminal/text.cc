#include "terminal/text.h"

#include <algorithm>

#include <fmt/format.h>

namespace weft::terminal {
namespace {

constexpr char32_t kBad = 0xFFFD;
constexpr std::string_view kReset = "\x1b[0m";

// Takes one character off `text`; malformed bytes one at a time as U+FFFD.
char32_t take_character(std::string_view& text) {
  auto lead = static_cast<uint8_t>(text[0]);
  size_t size = lead < 0x80   ? 1
                : lead < 0xC2 ? 0
                : lead < 0xE0 ? 2
                : lead < 0xF0 ? 3
                : lead < 0xF5 ? 4
                              : 0;
  char32_t value = size <= 1 ? lead : lead & (0x7Fu >> size);
  bool good = size != 0 && size <= text.size();
  for (size_t i = 1; good && i < size; ++i) {
    auto byte = static_cast<uint8_t>(text[i]);
    good = (byte & 0xC0) == 0x80;
    value = value << 6 | (byte & 0x3Fu);
  }
  good = good && !(size == 3 && value < 0x800) &&
         !(size == 4 && (value < 0x10000 || value > 0x10FFFF)) &&
         !(value >= 0xD800 && value < 0xE000);
  text.remove_prefix(good ? size : 1);
  return good ? value : kBad;
}

bool changes_direction(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

// Columns of a character, after Unicode's East Asian Width, by the ranges that matter.
size_t columns_of(char32_t c) {
  bool combining =
      (c >= 0x300 && c <= 0x36F) || c == 0x200B || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F);
  if (combining) return 0;
  bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
              (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
              (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
              (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
              (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

std::string_view ansi_of(Style style) {
  constexpr std::string_view kCodes[] = {"",         "\x1b[1m",  "\x1b[2m",  "\x1b[32m",
                                         "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[35m"};
  return kCodes[static_cast<size_t>(style)];
}

}  // namespace

std::string printable(std::string_view text, Tabs tabs) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::string_view before = text;
    char32_t c = take_character(text);
    if (c == kBad) {
      out += "\xEF\xBF\xBD";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += tabs == Tabs::kKept ? "\t" : "\\t";
    } else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
      out += fmt::format("\\x{:02x}", static_cast<uint32_t>(c));
    } else if (changes_direction(c) || c == 0x2028 || c == 0x2029) {
      out += fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
    } else {
      out += before.substr(0, before.size() - text.size());
    }
  }
  return out;
}

std::string single_line(std::string_view text) {
  std::string joined;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7F';
    if (!blank) {
      joined += c;
    } else if (!joined.empty() && joined.back() != ' ') {
      joined += ' ';
    }
  }
  return printable(joined);
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) width += columns_of(take_character(text));
  return width;
}

std::string cut(std::string_view text, size_t width) {
  std::string clean = printable(text.substr(0, 4 * width + 64));
  if (display_width(clean) <= width) return clean;
  if (width == 0) return {};
  std::string_view rest = clean;
  size_t used = 0;
  while (!rest.empty()) {
    std::string_view after = rest;
    size_t columns = columns_of(take_character(after));
    if (used + columns > width - 1) break;
    used += columns;
    rest = after;
  }
  return clean.substr(0, clean.size() - rest.size()) + "…";
}

std::string fit(std::string_view text, size_t width) {
  std::string out = cut(text, width);
  out.append(width - std::min(width, display_width(out)), ' ');
  return out;
}

std::string rate_text(double per_second) {
  if (per_second <= 0) return "";
  if (per_second < 10) return fmt::format("{:.1f}/s", per_second);
  return grouped(static_cast<uint64_t>(per_second + 0.5)) + "/s";
}

std::string repeated(std::string_view text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += text;
  return result;
}

void Painter::put(Style style, std::string_view text) {
  if (text.empty()) return;
  if (color_ && style != current_) {
    if (current_ != Style::kPlain) out_ += kReset;
    out_ += ansi_of(style);
    current_ = style;
  }
  out_ += text;
}

void Painter::end_line() {
  while (!out_.empty() && out_.back() == ' ') out_.pop_back();
  if (current_ != Style::kPlain) out_ += kReset;
  current_ = Style::kPlain;
  out_ += '\n';
}

}  // namespace weft::terminal

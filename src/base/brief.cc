#include "base/brief.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/digits.h"

namespace weft::base {
namespace {

constexpr size_t kWordShown = 59;
constexpr size_t kEndShown = 300;

// Where the character at `at`, or around it, begins.
size_t character_start(std::string_view text, size_t at) {
  const auto continues = [&] {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  // No character has more than four bytes: what has is none.
  for (size_t tries = 0; tries < 3 && at > 0 && continues(); ++tries) --at;
  return at;
}

// The longest beginning within `bytes` that ends with a character.
std::string_view beginning(std::string_view text, size_t bytes) {
  return text.substr(0, character_start(text, std::min(bytes, text.size())));
}

constexpr std::string_view kSizeBegins = "… (";
constexpr std::string_view kSizeEnds = " bytes in all) …";
constexpr std::string_view kWordSizeEnds = " bytes)";

// "12,345" as a number; nothing when it is none.
std::optional<uint64_t> size_of(std::string_view digits) {
  if (digits.empty() || digits.size() >= 20) return std::nullopt;
  uint64_t size = 0;
  for (const char c : digits) {
    if (c == ',') continue;
    if (c < '0' || c > '9') return std::nullopt;
    size = size * 10 + static_cast<uint64_t>(c - '0');
  }
  return size;
}

// How large a text was: it, or words of it, may have been shortened here before, by the server that
// answered it.
uint64_t whole_size(std::string_view text) {
  const size_t end = text.find(kSizeEnds);
  const size_t begin = text.substr(0, end).rfind(kSizeBegins);
  if (end != text.npos && begin != text.npos) {
    const size_t from = begin + kSizeBegins.size();
    if (const auto size = size_of(text.substr(from, end - from))) return *size;
  }
  uint64_t whole = text.size();
  for (size_t at = text.find(kSizeBegins); at != text.npos; at = text.find(kSizeBegins, at + 1)) {
    // What may stand here is short on both sides: nothing is searched far.
    constexpr size_t kDigitsMax = 20;
    const std::string_view behind =
        text.substr(at + kSizeBegins.size(), kDigitsMax + kWordSizeEnds.size());
    const size_t digits = behind.find(kWordSizeEnds);
    if (digits == behind.npos) continue;
    const std::string_view before =
        text.substr(at - std::min(at, kWordShown), std::min(at, kWordShown));
    const size_t word = before.size() - (before.find_last_of(" \t\r\n") + 1);
    const size_t shown = word + kSizeBegins.size() + digits + kWordSizeEnds.size();
    const auto size = size_of(behind.substr(0, digits));
    if (size && *size > shown) whole += *size - shown;
  }
  return whole;
}

}  // namespace

std::string brief(std::string_view text, size_t word_max, size_t text_max) {
  const std::string_view whole = text;
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (word.size() > word_max) {
      out += fmt::format("{}… ({} bytes)", beginning(word, kWordShown), grouped(word.size()));
    } else {
      out += word;
    }
    if (end < text.size()) out += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (out.size() <= text_max) return out;
  const size_t end = character_start(out, out.size() - kEndShown);
  return fmt::format("{}{}{}{}{}", beginning(out, text_max / 2), kSizeBegins,
                     grouped(whole_size(whole)), kSizeEnds, std::string_view(out).substr(end));
}

}  // namespace weft::base

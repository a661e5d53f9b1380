#include "base/brief.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/digits.h"

namespace weft::base {
namespace {

constexpr size_t kWordShown = 59;
constexpr size_t kEndShown = 300;

// The longest beginning within `bytes` that ends with a character.
std::string_view beginning(std::string_view text, size_t bytes) {
  size_t end = std::min(bytes, text.size());
  const auto continues = [&](size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  // No character has more than four bytes: what has is none.
  for (size_t tries = 0; tries < 3 && end > 0 && continues(end); ++tries) --end;
  return text.substr(0, end);
}

}  // namespace

std::string brief(std::string_view text, size_t word_max, size_t text_max) {
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
  return fmt::format("{}… ({} bytes in all) …{}", beginning(out, text_max / 2), grouped(out.size()),
                     std::string_view(out).substr(out.size() - kEndShown));
}

}  // namespace weft::base

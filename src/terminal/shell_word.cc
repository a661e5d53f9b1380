#include "terminal/shell_word.h"

#include <algorithm>

#include "base/ascii.h"
#include "terminal/text.h"

namespace weft::terminal {
namespace {

constexpr std::string_view kPlainBytes = "%+,-./:=@_";

bool is_plain(char c) {
  return base::is_letter_or_digit(c) || kPlainBytes.find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::string shell_word(std::string_view text) {
  const std::string safe = printable(text);
  if (!safe.empty() && std::ranges::all_of(safe, is_plain)) return safe;
  std::string word = "'";
  for (const char c : safe) {
    if (c == '\'') {
      word += R"('\'')";
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace weft::terminal

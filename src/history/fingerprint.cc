#include <algorithm>

#include "history/rows.h"

namespace weft::history {
namespace {

// A function that throws gives a cause like {"errorMessage":"...","errorType":"...","trace":[...]};
// only the message tells failures apart, the trace holds addresses and request ids.
std::string_view message_of(std::string_view cause) {
  constexpr std::string_view kMember = "\"errorMessage\":";
  if (!cause.starts_with('{')) return cause;
  size_t at = cause.find(kMember);
  if (at == std::string_view::npos) return cause;
  at = cause.find('"', at + kMember.size());
  if (at == std::string_view::npos) return cause;
  size_t end = at + 1;
  while (end < cause.size() && cause[end] != '"') end += cause[end] == '\\' ? 2 : 1;
  return cause.substr(at + 1, std::min(end, cause.size()) - at - 1);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || static_cast<uint8_t>(c) >= 0x80;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Hash {
 public:
  void add(char c) { value_ = (value_ ^ static_cast<uint8_t>(c)) * 16'777'619u; }
  void add(std::string_view text) {
    for (char c : text) add(c);
  }
  uint32_t value() const { return value_ == 0 ? 1 : value_; }

 private:
  uint32_t value_ = 2'166'136'261u;  // FNV-1a
};

// Words with a digit in them (numbers, ids, versions, paths' parts) and quoted values become one
// mark each.
void add_blanked(std::string_view text, Hash& hash) {
  for (size_t i = 0; i < text.size();) {
    char c = text[i];
    bool opens = (c == '\'' || c == '"' || c == '`') && (i == 0 || !is_word(text[i - 1]));
    size_t close = opens ? text.find(c, i + 1) : std::string_view::npos;
    if (close != std::string_view::npos) {
      hash.add('"');
      i = close + 1;
    } else if (is_word(c)) {
      size_t end = i;
      while (end < text.size() && is_word(text[end])) ++end;
      std::string_view word = text.substr(i, end - i);
      hash.add(std::any_of(word.begin(), word.end(), is_digit) ? std::string_view("#") : word);
      i = end;
    } else {
      hash.add(c);
      ++i;
    }
  }
}

}  // namespace

uint32_t error_fingerprint(std::string_view error, std::string_view cause) {
  constexpr size_t kCauseCharsRead = 512;
  Hash hash;
  hash.add(error);
  hash.add('\n');
  add_blanked(message_of(cause).substr(0, kCauseCharsRead), hash);
  return hash.value();
}

}  // namespace weft::history

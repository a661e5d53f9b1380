#include "base/ascii.h"
#include "json/utf8.h"
#include "jsonata/regex.h"

namespace weft::jsonata {

namespace {

using base::is_digit;
using base::is_hex;
using base::is_letter;

constexpr std::string_view kSpaceClass =
    "\\t\\n\\x{0b}\\f\\r "
    "\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";
constexpr std::string_view kNotSpaceClass =
    "\\x{00}-\\x{08}\\x{0e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}"
    "\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{"
    "10ffff}";
constexpr std::string_view kLineEnds = "\\n\\r\\x{2028}\\x{2029}";

// Rewrites an ECMAScript pattern piece by piece; what both dialects read alike is copied.
class Translator {
 public:
  Translator(std::string_view pattern, bool multiline, std::string& out, std::string& message)
      : pattern_(pattern), multiline_(multiline), out_(out), message_(message) {
    count_groups();
  }

  bool run() {
    while (at_ < pattern_.size()) {
      if (!piece()) return false;
    }
    return true;
  }

 private:
  bool fail(std::string_view why) {
    message_ = why;
    return false;
  }
  char peek(size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
  }

  void count_groups() {
    bool in_class = false;
    for (size_t i = 0; i < pattern_.size(); ++i) {
      const char c = pattern_[i];
      if (c == '\\') {
        ++i;
      } else if (in_class) {
        in_class = c != ']';
      } else if (c == '[') {
        in_class = true;
      } else if (c == '(') {
        const bool special = i + 1 < pattern_.size() && pattern_[i + 1] == '?';
        const bool named = pattern_.substr(i, 3) == "(?<" && i + 3 < pattern_.size() &&
                           pattern_[i + 3] != '=' && pattern_[i + 3] != '!';
        if (!special || named) ++groups_;
        has_names_ = has_names_ || named;
      }
    }
  }

  bool piece() {
    const char c = pattern_[at_];
    switch (c) {
      case '\\':
        return escape(false);
      case '[':
        return character_class();
      case '(':
        return group();
      case '.':
        ++at_;
        out_ += "[^";
        out_ += kLineEnds;
        out_ += "]";
        return true;
      case '^':
        ++at_;
        out_ += multiline_ ? "(?<![^\\n\\r\\x{2028}\\x{2029}])" : "\\A";
        return true;
      case '$':
        ++at_;
        out_ += multiline_ ? "(?![^\\n\\r\\x{2028}\\x{2029}])" : "\\z";
        return true;
      case '*':
      case '+':
      case '?':
        return quantifier(std::string_view(&pattern_[at_], 1));
      case '{':
        return brace();
      case '#':
        ++at_;
        out_ += "\\#";
        return true;
      default: {
        const size_t length = json::utf8_length(c);
        out_ += pattern_.substr(at_, length);
        at_ += length;
        return true;
      }
    }
  }

  // A quantifier with its lazy mark; a `+` after it would make PCRE2's possessive kind.
  bool quantifier(std::string_view text) {
    out_ += text;
    at_ += text.size();
    if (peek() == '?') {
      out_ += '?';
      ++at_;
    }
    if (peek() == '+' || peek() == '*' || peek() == '?') return fail("Nothing to repeat");
    return true;
  }

  bool brace() {
    size_t end = at_ + 1;
    while (end < pattern_.size() && is_digit(pattern_[end])) ++end;
    bool counted = end > at_ + 1;
    if (counted && end < pattern_.size() && pattern_[end] == ',') {
      ++end;
      while (end < pattern_.size() && is_digit(pattern_[end])) ++end;
    }
    counted = counted && end < pattern_.size() && pattern_[end] == '}';
    if (counted) return quantifier(pattern_.substr(at_, end + 1 - at_));
    ++at_;
    out_ += "\\{";
    return true;
  }

  bool group() {
    ++at_;
    out_ += '(';
    if (peek() != '?') return true;
    const std::string_view rest = pattern_.substr(at_);
    for (const std::string_view kind : {"?:", "?=", "?!", "?<=", "?<!"}) {
      if (!rest.starts_with(kind)) continue;
      out_ += kind;
      at_ += kind.size();
      return true;
    }
    if (rest.starts_with("?<") && rest.size() > 2 &&
        (is_letter(rest[2]) || rest[2] == '_' || rest[2] == '$')) {
      const size_t close = rest.find('>');
      if (close == std::string_view::npos) return fail("Invalid capture group name");
      out_ += rest.substr(0, close + 1);
      at_ += close + 1;
      return true;
    }
    return fail("Invalid group");
  }

  void code_point(char32_t c) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string digits;
    do {
      digits.insert(digits.begin(), kHex[c & 0xF]);
      c >>= 4;
    } while (c != 0);
    out_ += "\\x{" + digits + "}";
  }

  // `count` hexadecimal digits after position at_ + 2.
  bool hex_escape(size_t count) {
    char32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const char c = peek(2 + i);
      if (!is_hex(c)) return false;
      value = value * 16 + static_cast<char32_t>(base::hex_value(c));
    }
    at_ += 2 + count;
    if (json::is_high_surrogate(value) && peek() == '\\' && peek(1) == 'u') {
      char32_t low = 0;
      bool good = true;
      for (size_t i = 0; i < 4 && good; ++i) {
        const char c = peek(2 + i);
        good = is_hex(c);
        if (good) low = low * 16 + static_cast<char32_t>(base::hex_value(c));
      }
      if (good && json::is_low_surrogate(low)) {
        at_ += 6;
        value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
      }
    }
    if (value >= 0xD800 && value < 0xE000) value = 0xFFFD;
    code_point(value);
    return true;
  }

  bool escape(bool in_class) {
    if (at_ + 1 >= pattern_.size()) return fail("\\ at end of pattern");
    const char c = pattern_[at_ + 1];
    if (c == 'd' || c == 'D' || c == 'w' || c == 'W') return copy_escape();
    if (c == 's' || c == 'S') {
      at_ += 2;
      const std::string_view set = c == 's' ? kSpaceClass : kNotSpaceClass;
      if (!in_class) out_ += '[';
      out_ += set;
      if (!in_class) out_ += ']';
      return true;
    }
    if (c == 'b' || c == 'B') {
      if (!in_class) return copy_escape();
      at_ += 2;
      out_ += c == 'b' ? "\\x{8}" : "B";
      return true;
    }
    if (c == 'f' || c == 'n' || c == 'r' || c == 't') return copy_escape();
    if (c == 'v') {
      at_ += 2;
      out_ += "\\x{b}";
      return true;
    }
    if ((c == 'x' && hex_escape(2)) || (c == 'u' && hex_escape(4))) return true;
    if (c == 'c' && is_letter(peek(2))) {
      code_point(static_cast<char32_t>(peek(2) & 0x1F));
      at_ += 3;
      return true;
    }
    if (c == 'k' && has_names_ && !in_class && peek(2) == '<') {
      const size_t close = pattern_.find('>', at_);
      if (close == std::string_view::npos) return fail("Invalid named reference");
      out_ += pattern_.substr(at_, close + 1 - at_);
      at_ = close + 1;
      return true;
    }
    if (is_digit(c)) return digits_escape(in_class);
    return identity_escape();
  }

  bool copy_escape() {
    out_ += pattern_.substr(at_, 2);
    at_ += 2;
    return true;
  }

  // A reference to a group that exists, or an old octal escape.
  bool digits_escape(bool in_class) {
    size_t end = at_ + 1;
    size_t number = 0;
    while (end < pattern_.size() && is_digit(pattern_[end]) && number < 1000)
      number = number * 10 + static_cast<size_t>(pattern_[end++] - '0');
    if (!in_class && pattern_[at_ + 1] != '0' && number <= groups_) {
      out_ += "\\g{" + std::to_string(number) + "}";
      at_ = end;
      return true;
    }
    ++at_;
    char32_t value = 0;
    size_t taken = 0;
    while (taken < 3 && peek() >= '0' && peek() <= '7' &&
           value * 8 + static_cast<char32_t>(peek() - '0') <= 0xFF) {
      value = value * 8 + static_cast<char32_t>(peek() - '0');
      ++at_;
      ++taken;
    }
    if (taken == 0) {
      out_ += peek();
      ++at_;
      return true;
    }
    code_point(value);
    return true;
  }

  // Any other character stands for itself.
  bool identity_escape() {
    ++at_;
    const size_t length = json::utf8_length(peek());
    if (length == 1 && !is_letter(peek()) && !is_digit(peek())) out_ += '\\';
    out_ += pattern_.substr(at_, length);
    at_ += length;
    return true;
  }

  bool character_class() {
    ++at_;
    const bool negated = peek() == '^';
    if (negated) ++at_;
    if (peek() == ']') {
      ++at_;
      out_ += negated ? "[\\x{00}-\\x{10ffff}]" : "(?!)";
      return true;
    }
    out_ += negated ? "[^" : "[";
    while (at_ < pattern_.size() && pattern_[at_] != ']') {
      const char c = pattern_[at_];
      if (c == '\\') {
        if (!escape(true)) return false;
      } else if (c == '[') {
        out_ += "\\[";
        ++at_;
      } else if (c == '-') {
        dash();
      } else {
        const size_t length = json::utf8_length(c);
        out_ += pattern_.substr(at_, length);
        at_ += length;
      }
    }
    if (at_ >= pattern_.size()) return fail("Unterminated character class");
    ++at_;
    out_ += ']';
    return true;
  }

  // A dash beside a class escape or at an end is a plain character; PCRE2 would refuse some of
  // these.
  void dash() {
    const bool after_set =
        at_ >= 2 && pattern_[at_ - 2] == '\\' &&
        std::string_view("dDwWsS").find(pattern_[at_ - 1]) != std::string_view::npos;
    const bool before_set = peek(1) == '\\' &&
                            std::string_view("dDwWsS").find(peek(2)) != std::string_view::npos &&
                            peek(2) != '\0';
    out_ += after_set || before_set || peek(1) == ']' ? "\\-" : "-";
    ++at_;
  }

  std::string_view pattern_;
  bool multiline_;
  std::string& out_;
  std::string& message_;
  size_t at_ = 0;
  size_t groups_ = 0;
  bool has_names_ = false;
};

}  // namespace

bool translate_pattern(std::string_view pattern, bool multiline, std::string& out,
                       std::string& message) {
  return Translator(pattern, multiline, out, message).run();
}

}  // namespace weft::jsonata

#include "jsonpath/java_regex.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "json/utf8.h"
#include "jsonpath/java_property.h"

namespace weft::jsonpath {

namespace {

// What peek() gives behind the last character.
constexpr char32_t kEnd = 0xFFFFFFFF;
constexpr int kClassDepthMax = 50;
constexpr std::string_view kLineEnds = "\\n\\r\\x{85}\\x{2028}\\x{2029}";

bool is_alpha(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_space(char32_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_octal(char32_t c) { return c >= '0' && c <= '7'; }
bool is_line_end(char32_t c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

std::string literal(char32_t c) {
  if (is_alpha(c) || is_digit(c)) return std::string(1, static_cast<char>(c));
  return fmt::format("\\x{{{:x}}}", static_cast<uint32_t>(c));
}

// The expression with what \Q and \E enclose escaped character by character, as Java does it first.
std::vector<char32_t> without_quotes(std::string_view expression) {
  std::vector<char32_t> in;
  for (size_t at = 0; at < expression.size();) in.push_back(json::decode_utf8(expression, at));
  std::vector<char32_t> result;
  bool quoting = false;
  bool first = false;
  for (size_t i = 0; i < in.size(); ++i) {
    const char32_t next = i + 1 < in.size() ? in[i + 1] : kEnd;
    if (in[i] == '\\' && next == (quoting ? 'E' : 'Q')) {
      quoting = !quoting;
      first = quoting;
      ++i;
      continue;
    }
    // A digit is never read as part of what stands before the quote.
    if (quoting && first && is_digit(in[i])) result.insert(result.end(), {'\\', 'x', '3'});
    if (quoting && in[i] < 0x80 && !is_alpha(in[i]) && !is_digit(in[i])) result.push_back('\\');
    result.push_back(in[i]);
    if (!quoting && in[i] == '\\' && next != kEnd) result.push_back(in[++i]);
    first = false;
  }
  return result;
}

struct Flags {
  bool ignore_case = false;
  bool unicode_case = false;
  bool unix_lines = false;
  bool multiline = false;
  bool dot_all = false;
  bool comments = false;
};

// What an escape stands for.
struct Escape {
  enum class Kind : uint8_t { kCharacter, kMembers, kOther };
  Kind kind = Kind::kCharacter;
  char32_t character = 0;
  // kMembers: of a class, `negated` where the escape is what is not in it. kOther: what matches.
  std::string text;
  bool negated = false;
};

class Translation {
 public:
  Translation(std::string_view expression, bool ignore_case) : in_(without_quotes(expression)) {
    flags_.ignore_case = ignore_case;
  }

  std::expected<std::string, std::string> run() {
    for (skip_comments(); peek() != kEnd; skip_comments()) {
      if (!item()) return std::unexpected(std::move(error_));
    }
    if (!open_.empty()) return std::unexpected("a group is not closed");
    // To a group that is not there nothing can refer in PCRE2; in Java that never matches.
    if (reference_max_ > groups_) {
      out_ += "(?:(?!)";
      for (; groups_ < reference_max_; ++groups_) out_ += "()";
      out_ += ")?";
    }
    return std::move(out_);
  }

 private:
  char32_t peek(size_t ahead = 0) const {
    return at_ + ahead < in_.size() ? in_[at_ + ahead] : kEnd;
  }
  char32_t take() {
    const char32_t c = peek();
    at_ += c == kEnd ? 0 : 1;
    return c;
  }
  bool take_if(char32_t wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  bool fail(std::string message) {
    error_ = std::move(message);
    return false;
  }
  void skip_comments() {
    if (!flags_.comments) return;
    while (is_space(peek()) || peek() == '#') {
      if (take() != '#') continue;
      while (peek() != kEnd && !(flags_.unix_lines ? peek() == '\n' : is_line_end(peek()))) ++at_;
    }
  }

  bool item();
  bool group();
  bool modifiers();
  bool quantifier();
  bool count();
  bool number(int64_t& value);
  std::string of_character(char32_t c) const;
  std::string line_start() const;
  std::string line_end(bool multiline) const;
  std::string any_character() const;

  bool escape(bool in_class, Escape& result);
  bool escaped_letter(char32_t c, bool in_class, Escape& result);
  bool escaped_code(char32_t c, Escape& result);
  bool octal(Escape& result);
  bool hexadecimal(Escape& result);
  bool unicode(char32_t& unit);
  bool reference(char32_t first, Escape& result);
  bool property(Escape& result);

  bool char_class(std::string& result, int depth);
  bool class_member(std::string& members, std::vector<std::string>& others);
  bool range_end(char32_t low, char32_t& high);
  void add_range(char32_t low, char32_t high, std::string& members) const;

  std::vector<char32_t> in_;
  size_t at_ = 0;
  Flags flags_;
  // The flags before each open group, which hold again after it.
  std::vector<Flags> open_;
  int groups_ = 0;
  int reference_max_ = 0;
  std::string out_;
  std::string error_;
};

bool Translation::item() {
  const char32_t c = peek();
  if (c == '(') return group();
  if (c == '?' || c == '*' || c == '+')
    return fail(fmt::format("'{}' has nothing to repeat", static_cast<char>(c)));
  if (c == '{') {
    // In Java a count behind nothing, or behind another count, repeats nothing.
    out_ += "(?:)";
    return quantifier();
  }
  ++at_;
  if (c == '|') {
    out_ += '|';
    return true;
  }
  if (c == ')') {
    if (open_.empty()) return fail("')' closes no group");
    flags_ = open_.back();
    open_.pop_back();
    out_ += ')';
  } else if (c == '[') {
    std::string text;
    if (!char_class(text, 0)) return false;
    out_ += text;
  } else if (c == '^') {
    out_ += line_start();
  } else if (c == '$') {
    out_ += line_end(flags_.multiline);
  } else if (c == '.') {
    out_ += any_character();
  } else if (c == '\\') {
    Escape found;
    if (!escape(false, found)) return false;
    out_ += found.kind == Escape::Kind::kCharacter ? of_character(found.character)
            : found.kind == Escape::Kind::kOther
                ? found.text
                : fmt::format("[{}{}]", found.negated ? "^" : "", found.text);
  } else {
    out_ += of_character(c);
  }
  return quantifier();
}

bool Translation::group() {
  ++at_;
  skip_comments();
  if (!take_if('?')) {
    open_.push_back(flags_);
    ++groups_;
    out_ += '(';
    return true;
  }
  const char32_t c = peek();
  if (c != ':' && c != '=' && c != '!') return modifiers();
  ++at_;
  open_.push_back(flags_);
  out_ += fmt::format("(?{}", static_cast<char>(c));
  return true;
}

// (?i), (?i-s) and (?i:
bool Translation::modifiers() {
  const Flags before = flags_;
  bool value = true;
  for (;;) {
    const char32_t c = take();
    if (c == 'i') {
      flags_.ignore_case = value;
    } else if (c == 'u') {
      flags_.unicode_case = value;
    } else if (c == 'd') {
      flags_.unix_lines = value;
    } else if (c == 'm') {
      flags_.multiline = value;
    } else if (c == 's') {
      flags_.dot_all = value;
    } else if (c == 'x') {
      flags_.comments = value;
    } else if (c == '-' && value) {
      value = false;
    } else if (c == ')') {
      return true;
    } else if (c == ':') {
      open_.push_back(before);
      out_ += "(?:";
      return true;
    } else if (c == 'U') {
      return fail("the flag U (classes of Unicode) is not supported");
    } else {
      return fail("'(?' is followed by neither ':', '=', '!' nor flags of idmsux");
    }
  }
}

bool Translation::quantifier() {
  skip_comments();
  const char32_t c = peek();
  if (c == '{') {
    if (!count()) return false;
  } else if (c == '?' || c == '*' || c == '+') {
    ++at_;
    out_ += static_cast<char>(c);
  } else {
    return true;
  }
  skip_comments();
  if (peek() == '?' || peek() == '+') out_ += static_cast<char>(take());
  return true;
}

bool Translation::count() {
  ++at_;
  int64_t low = 0;
  if (!is_digit(peek())) return fail("'{' is followed by no count");
  if (!number(low)) return false;
  int64_t high = low;
  out_ += fmt::format("{{{}", low);
  skip_comments();
  if (take_if(',')) {
    skip_comments();
    out_ += ',';
    if (peek() != '}') {
      if (!number(high)) return false;
      out_ += fmt::format("{}", high);
    }
  }
  skip_comments();
  if (!take_if('}')) return fail("the count after '{' is not closed");
  if (high < low) return fail(fmt::format("the count {{{},{}}} ends before it starts", low, high));
  out_ += '}';
  return true;
}

bool Translation::number(int64_t& value) {
  value = 0;
  for (; is_digit(peek()); skip_comments()) {
    value = value * 10 + static_cast<int64_t>(take() - '0');
    if (value > INT32_MAX) return fail("a count is above 2147483647");
  }
  return true;
}

std::string Translation::of_character(char32_t c) const {
  if (flags_.ignore_case && flags_.unicode_case) return fmt::format("(?i:{})", literal(c));
  if (!flags_.ignore_case || !is_alpha(c)) return literal(c);
  return fmt::format("[{}{}]", literal(c), literal(c ^ 0x20U));
}

std::string Translation::line_start() const {
  if (!flags_.multiline) return "(?:\\A)";
  if (flags_.unix_lines) return "(?:(?!\\z)(?:\\A|(?<=\\n)))";
  return fmt::format("(?:(?!\\z)(?:\\A|(?<=[{}])(?<!\\r(?=\\n))))", kLineEnds);
}

std::string Translation::line_end(bool multiline) const {
  if (flags_.unix_lines) return multiline ? "(?:(?=\\n|\\z))" : "(?:(?=\\n?\\z))";
  if (multiline) return fmt::format("(?:(?=[{}]|\\z)(?<!\\r(?=\\n)))", kLineEnds);
  return fmt::format("(?:(?=(?:\\r\\n|[{}])?\\z)(?<!\\r(?=\\n)))", kLineEnds);
}

std::string Translation::any_character() const {
  if (flags_.dot_all) return "[\\s\\S]";
  return fmt::format("[^{}]", flags_.unix_lines ? "\\n" : kLineEnds);
}

// `at_` stands behind the backslash.
bool Translation::escape(bool in_class, Escape& result) {
  const char32_t c = take();
  if (c == kEnd) return fail("it ends with a backslash");
  if (is_alpha(c)) return escaped_letter(c, in_class, result);
  if (c == '0') return octal(result);
  if (is_digit(c)) {
    if (in_class) return fail("a class holds a reference to a group");
    return reference(c, result);
  }
  result.character = c;
  return true;
}

bool Translation::escaped_letter(char32_t c, bool in_class, Escape& result) {
  const char letter = static_cast<char>(c);
  if (c == 'p' || c == 'P') {
    result.negated = c == 'P';
    return property(result);
  }
  if (std::string_view("dDwWsShHvV").contains(letter)) {
    result.kind = Escape::Kind::kMembers;
    result.text = fmt::format("\\{}", letter);
    return true;
  }
  if (std::string_view("AzZGbBRX").contains(letter)) {
    if (in_class) return fail(fmt::format("a class holds '\\{}'", letter));
    constexpr std::string_view kWord = "[\\p{L}\\p{Nd}_]";
    result.kind = Escape::Kind::kOther;
    if (c == 'Z') {
      result.text = line_end(false);
    } else if (c == 'R') {
      // Repeated it gives nothing back.
      skip_comments();
      const bool repeated = peek() == '{' || peek() == '?' || peek() == '*' || peek() == '+';
      result.text =
          fmt::format("(?{}\\r\\n|[\\n-\\r\\x{{85}}\\x{{2028}}\\x{{2029}}])", repeated ? '>' : ':');
    } else if (c == 'b') {
      if (peek() == '{' && peek(1) == 'g') return fail("'\\b{g}' is not supported");
      result.text = fmt::format("(?:(?<={0})(?!{0})|(?<!{0})(?={0}))", kWord);
    } else if (c == 'B') {
      result.text = fmt::format("(?:(?<={0})(?={0})|(?<!{0})(?!{0}))", kWord);
    } else {
      result.text = fmt::format("(?:\\{})", letter);
    }
    return true;
  }
  return escaped_code(c, result);
}

bool Translation::escaped_code(char32_t c, Escape& result) {
  constexpr std::string_view kLetters = "ntrfae";
  constexpr std::array<char32_t, 6> kCodes{'\n', '\t', '\r', '\f', 7, 27};
  if (const size_t at = kLetters.find(static_cast<char>(c)); at != std::string_view::npos) {
    result.character = kCodes[at];
    return true;
  }
  if (c == 'x') return hexadecimal(result);
  if (c == 'c') {
    if (peek() == kEnd) return fail("'\\c' is followed by nothing");
    result.character = take() ^ 64U;
    return true;
  }
  if (c != 'u') return fail(fmt::format("'\\{}' is no escape", static_cast<char>(c)));
  if (!unicode(result.character)) return false;
  if (result.character < 0xD800 || result.character > 0xDBFF || peek() != '\\' || peek(1) != 'u')
    return true;
  const size_t before = at_;
  at_ += 2;
  char32_t low = 0;
  if (!unicode(low)) return false;
  if (low >= 0xDC00 && low <= 0xDFFF) {
    result.character = 0x10000 + ((result.character - 0xD800) << 10U) + (low - 0xDC00);
  } else {
    at_ = before;
  }
  return true;
}

bool Translation::unicode(char32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = base::hex_value(take());
    if (digit < 0) return fail("'\\u' is not followed by four hexadecimal digits");
    unit = unit * 16 + static_cast<char32_t>(digit);
  }
  return true;
}

bool Translation::octal(Escape& result) {
  if (!is_octal(peek())) return fail("'\\0' is followed by no octal digit");
  const int digits_max = peek() <= '3' ? 3 : 2;
  for (int i = 0; i < digits_max && is_octal(peek()); ++i)
    result.character = result.character * 8 + (take() - '0');
  return true;
}

bool Translation::hexadecimal(Escape& result) {
  const bool braced = take_if('{');
  int digits = 0;
  for (; base::hex_value(peek()) >= 0 && (braced || digits < 2); ++digits) {
    result.character = result.character * 16 + static_cast<char32_t>(base::hex_value(take()));
    if (result.character > 0x10FFFF) return fail("'\\x' names no character");
  }
  if (braced ? digits == 0 || !take_if('}') : digits != 2)
    return fail("'\\x' is not followed by hexadecimal digits as in '\\x41' or '\\x{1F600}'");
  return true;
}

// A further digit counts where so many groups have begun.
bool Translation::reference(char32_t first, Escape& result) {
  int number = static_cast<int>(first - '0');
  while (is_digit(peek()) && number * 10 + static_cast<int>(peek() - '0') <= groups_)
    number = number * 10 + static_cast<int>(take() - '0');
  reference_max_ = std::max(reference_max_, number);
  result.kind = Escape::Kind::kOther;
  result.text = fmt::format("(?{}:\\g{{{}}})", flags_.ignore_case ? "i" : "", number);
  return true;
}

bool Translation::property(Escape& result) {
  std::string name;
  if (take_if('{')) {
    while (peek() != '}' && peek() != kEnd) json::append_utf8(take(), name);
    if (!take_if('}')) return fail("'\\p{' is not closed");
  } else if (peek() != kEnd) {
    json::append_utf8(take(), name);
  }
  const auto members = members_of_java_property(name, flags_.ignore_case);
  if (!members) {
    const bool may_be = name.starts_with("In") || name.starts_with("java");
    return fail(fmt::format("'{}' is {} property of characters", name, may_be ? "no known" : "no"));
  }
  result.kind = Escape::Kind::kMembers;
  result.text = *members;
  return true;
}

// `at_` stands behind the bracket. What matches one character, in `result`; a class within a class
// is one of its members.
bool Translation::char_class(std::string& result, int depth) {
  if (depth > kClassDepthMax) return fail(fmt::format("classes more than {} deep", kClassDepthMax));
  const bool negated = take_if('^');
  std::string members;
  std::vector<std::string> others;
  for (bool empty = true;; empty = false) {
    skip_comments();
    if (peek() == kEnd) return fail("a class is not closed");
    if (peek() == ']' && !empty) break;
    if (take_if('[')) {
      std::string inner;
      if (!char_class(inner, depth + 1)) return false;
      others.push_back(std::move(inner));
    } else if (!class_member(members, others)) {
      return false;
    }
  }
  ++at_;
  if (negated) {
    result = members.empty() ? "[\\s\\S]" : fmt::format("[^{}]", members);
    if (!others.empty()) result = fmt::format("(?:(?!{}){})", fmt::join(others, "|"), result);
  } else {
    if (!members.empty()) others.insert(others.begin(), fmt::format("[{}]", members));
    result = others.size() == 1 ? others[0] : fmt::format("(?:{})", fmt::join(others, "|"));
  }
  if (flags_.ignore_case && flags_.unicode_case) result = fmt::format("(?i:{})", result);
  return true;
}

bool Translation::class_member(std::string& members, std::vector<std::string>& others) {
  char32_t low = take();
  if (low == '\\') {
    // Before Java 8 this was one character, and in a range it is still.
    const bool tab = peek() == 'v' && peek(1) == '-';
    Escape found;
    if (!escape(true, found)) return false;
    if (found.kind == Escape::Kind::kMembers && !tab) {
      if (found.negated) {
        others.push_back(fmt::format("[^{}]", found.text));
      } else {
        members += found.text;
      }
      return true;
    }
    low = tab ? '\v' : found.character;
  }
  skip_comments();
  char32_t high = low;
  if (peek() == '-' && peek(1) != '[' && peek(1) != ']') {
    ++at_;
    skip_comments();
    if (!range_end(low, high)) return false;
  }
  add_range(low, high, members);
  return true;
}

bool Translation::range_end(char32_t low, char32_t& high) {
  high = take();
  if (high == kEnd) return fail("a class is not closed");
  if (high == '\\') {
    const bool tab = peek() == 'v';
    Escape found;
    if (!escape(true, found)) return false;
    if (found.kind == Escape::Kind::kMembers && !tab) return fail("a range ends with a class");
    high = tab ? '\v' : found.character;
  }
  return high >= low || fail("a range of a class ends before it starts");
}

void Translation::add_range(char32_t low, char32_t high, std::string& members) const {
  const auto add = [&members](char32_t from, char32_t to) {
    if (from > to) return;
    members += literal(from);
    if (from != to) members += "-" + literal(to);
  };
  add(low, high);
  if (!flags_.ignore_case || flags_.unicode_case) return;
  // The letters of ASCII that it holds, in the other case.
  constexpr char32_t kOther = 0x20;
  add(std::max<char32_t>(low, 'A') + kOther, std::min<char32_t>(high, 'Z') + kOther);
  add(std::max<char32_t>(low, 'a') - kOther, std::min<char32_t>(high, 'z') - kOther);
}

}  // namespace

std::expected<std::string, std::string> regex_of_java(std::string_view expression,
                                                      bool ignore_case) {
  if (!json::is_utf8(expression)) return std::unexpected("it is no UTF-8");
  return Translation(expression, ignore_case).run();
}

}  // namespace weft::jsonpath

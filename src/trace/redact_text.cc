#include "trace/redact_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/ascii.h"
#include "trace/redact.h"

namespace weft::trace {
namespace {

constexpr auto npos = std::string_view::npos;

// Names are no longer than this; of longer words the end counts.
constexpr size_t kNameMax = 64;
constexpr size_t kQuotesMax = 8;      // backslashes and quotes between a name and its separator
constexpr size_t kUserInfoMax = 256;  // of URLs
constexpr size_t kKeyNameMax = 60;    // behind "-----BEGIN"
constexpr size_t kKeyIdLength = 20;   // of AWS
constexpr size_t kSecretKeyLength = 40;
constexpr size_t kTokenMin = 8;  // behind "Bearer"
constexpr size_t kWebTokenMin = 20;
constexpr size_t kColourMax = 32;  // an escape sequence of terminals
constexpr size_t kEncodedMax = 4;  // how often what is %-encoded was encoded
constexpr size_t kPairMax = 256;   // from a value to the braces around it and its name

enum : uint8_t { kUpper = 1, kLower = 2, kDigit = 4, kJoint = 8, kBlank = 16, kEnd = 32 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    uint8_t& one = classes[static_cast<size_t>(c)];
    if (c >= 'A' && c <= 'Z') one |= kUpper;
    if (c >= 'a' && c <= 'z') one |= kLower;
    if (c >= '0' && c <= '9') one |= kDigit;
    if (c == '_' || c == '-' || c == '.' || c == '$' || c >= 0x80) one |= kJoint;
    if (c == ' ' || c == '\t') one |= kBlank | kEnd;
  }
  for (const char c : {'\n', '\r', ',', ';', '&', ')', ']', '}', '"', '\'', '`', '<', '>', '|'})
    classes[static_cast<unsigned char>(c)] |= kEnd;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = make_classes();

constexpr uint8_t kLetterOrDigit = kUpper | kLower | kDigit;
constexpr uint8_t kWord = kLetterOrDigit | kJoint;

bool is(char c, uint8_t kinds) { return (kClasses[static_cast<unsigned char>(c)] & kinds) != 0; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

// How tokens of well-known services begin.
constexpr std::array<std::string_view, 12> kTokenBeginnings = {
    "ghp_",  "gho_",  "ghu_",     "ghs_",     "ghr_",   "github_pat_",
    "xoxb-", "xoxp-", "sk_live_", "rk_live_", "glpat-", "AIzaSy"};

// Values that tell nothing.
constexpr std::array<std::string_view, 9> kNothing = {"null",  "true", "false",     "None", "True",
                                                      "False", "none", "undefined", "nil"};

constexpr std::array<std::string_view, 6> kSchemes = {"bearer", "basic",     "digest",
                                                      "token",  "negotiate", "aws4-hmac-sha256"};

bool same_word(std::string_view word, std::string_view lower) {
  return std::ranges::equal(word, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

bool is_scheme(std::string_view word) {
  return std::ranges::any_of(kSchemes, [&](auto scheme) { return same_word(word, scheme); });
}

// Where an AWS access key id begins in a word; npos when it has none.
size_t key_id_in(std::string_view word) {
  for (size_t at = word.find('A'); at != npos; at = word.find('A', at + 1)) {
    if (at > 0 && is(word[at - 1], kLetterOrDigit)) continue;
    const std::string_view id = word.substr(at, kKeyIdLength);
    if (!id.starts_with("AKIA") && !id.starts_with("ASIA")) continue;
    const bool whole = id.size() == kKeyIdLength && (at + kKeyIdLength == word.size() ||
                                                     !is(word[at + kKeyIdLength], kLetterOrDigit));
    if (whole && std::ranges::all_of(id, [](char c) { return is(c, kUpper | kDigit); })) return at;
  }
  return npos;
}

bool is_web_token(std::string_view word) {
  return word.size() >= kWebTokenMin && word.starts_with("eyJ") &&
         std::ranges::count(word, '.') >= 2;
}

bool has_known_beginning(std::string_view word) {
  return word.size() >= kWebTokenMin && std::ranges::any_of(kTokenBeginnings, [&](auto beginning) {
           return word.starts_with(beginning);
         });
}

// Where an escape sequence of terminals that begins at `at` ends ("\x1b[31m", its first character
// also spelled out as in programs); `at` when there is none.
size_t colour_end(std::string_view text, size_t at) {
  size_t end = at;
  if (text[at] == '\\') {
    for (const std::string_view spelled : {"\\u001b", "\\x1b", "\\033", "\\e"}) {
      if (text.substr(at).starts_with(spelled)) end = at + spelled.size();
    }
  } else if (text[at] == '\x1b') {
    end = at + 1;
  }
  if (end == at || end >= text.size() || text[end] != '[') return at;
  const size_t limit = std::min(text.size(), end + kColourMax);
  while (++end < limit) {
    if (text[end] >= '@' && text[end] <= '~') return end + 1;
    if (text[end] < ' ' || text[end] > '?') return at;
  }
  return at;
}

// A character that is %-encoded, once or several times: %3D, %253D.
struct Encoded {
  char character = '\0';
  size_t end = 0;  // behind it
};
std::optional<Encoded> encoded_at(std::string_view text, size_t at) {
  if (at >= text.size() || text[at] != '%') return std::nullopt;
  ++at;
  for (size_t again = 1; again < kEncodedMax && text.substr(at).starts_with("25"); ++again) at += 2;
  if (at + 2 > text.size()) return std::nullopt;
  const int high = base::hex_value(text[at]);
  const int low = base::hex_value(text[at + 1]);
  if (high < 0 || low < 0) return std::nullopt;
  return Encoded{static_cast<char>(high * 16 + low), at + 2};
}

// What stands between a name and its value.
struct Separator {
  size_t end = 0;  // behind it
  bool colon = false;
  bool joined = false;   // `name=`: blanks behind it are no part of it
  bool encoded = false;  // as in addresses: so is the value
};
std::optional<Separator> separator_at(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(at);
  if (const auto encoded = encoded_at(text, at)) {
    if (encoded->character != '=' && encoded->character != ':') return std::nullopt;
    return Separator{.end = encoded->end, .joined = true, .encoded = true};
  }
  for (const std::string_view sign : {"===", "==", "=>", ":=", "?=", "+=", "->"}) {
    if (rest.starts_with(sign)) return Separator{.end = at + sign.size()};
  }
  // The name before it took the hyphen.
  if (at > 0 && text[at - 1] == '-' && rest.starts_with('>')) return Separator{.end = at + 1};
  if (rest.starts_with('=')) return Separator{.end = at + 1, .joined = true};
  if (!rest.starts_with(':') || rest.starts_with("://") || rest.starts_with("::"))
    return std::nullopt;
  return Separator{.end = at + 1, .colon = true};
}

// No word of a language: a digit or a padding sign, or capitals behind the first letter.
bool looks_random(std::string_view token) {
  if (token.size() < kTokenMin) return false;
  const bool mixed = std::ranges::any_of(token, [](char c) { return is(c, kLower); }) &&
                     std::ranges::any_of(token.substr(1), [](char c) { return is(c, kUpper); });
  return mixed || std::ranges::any_of(token, [](char c) { return is(c, kDigit) || c == '='; });
}

// One pass over a text, word by word.
class Scan {
 public:
  Scan(std::string_view text, const SecretNames& names, bool credentials, std::string& out)
      : text_(text), names_(names), credentials_(credentials), out_(out) {}

  bool run() {
    while (at_ < text_.size()) {
      if (is(text_[at_], kWord)) {
        const size_t begin = at_;
        // Of a word of which some was hidden the end is known: it may have many such parts.
        size_t end = std::max(at_ + 1, run_end_);
        while (end < text_.size() && is(text_[end], kWord)) ++end;
        run_end_ = end;
        take_word(begin, end);
        remember(begin, end);
      } else if (text_[at_] == ':' && text_.substr(at_).starts_with("://")) {
        take_user_info();
      } else {
        const auto encoded = encoded_at(text_, at_);
        // Others may be the first letters of a name: %access_key%.
        const bool sign = encoded && encoded->character > 0 && !is(encoded->character, kWord);
        at_ = sign ? encoded->end : std::max(at_ + 1, colour_end(text_, at_));
      }
    }
    if (hidden_) out_ += text_.substr(copied_);
    return hidden_;
  }
  bool saw_key_id() const { return saw_key_id_; }

 private:
  void hide(size_t from, size_t to) {
    out_ += text_.substr(copied_, from - copied_);
    out_ += kRedacted;
    copied_ = at_ = to;
    hidden_ = true;
  }

  // Words with one blank between them may be one name: "api key".
  void remember(size_t begin, size_t end) {
    const bool joined = word_end_ + 1 == begin && text_[word_end_] == ' ';
    before_begin_ = joined ? word_begin_ : begin;
    word_begin_ = begin;
    word_end_ = end;
  }

  void take_word(size_t begin, size_t end) {
    at_ = end;
    const std::string_view word = text_.substr(begin, end - begin);
    if (credentials_ && take_credential(begin, word)) return;
    if (begin > 0 && text_[begin - 1] == '<' && end < text_.size() && text_[end] == '>') {
      if (is_name(begin, end)) take_element(end + 1);
      return;
    }
    const size_t closed = skip_quotes(end);
    const size_t at = skip_gap(closed);
    const bool apart = text_.substr(closed, at - closed).find_first_of(" \t") != npos;
    if (at >= text_.size()) return;
    if (const auto separator = separator_at(text_, at)) {
      take_named(begin, end, *separator, apart);
    } else if (apart && word.starts_with("--") && text_[at] != '-' && is_name(begin, end)) {
      take_value(at, false);
    } else if (text_[at] == ',' && is_first_of_pair(begin, closed > end) && is_name(begin, end)) {
      const size_t value = skip_gap(at + 1);
      if (value < text_.size() && (is_quote(text_[value]) || text_[value] == '\\'))
        take_value(value, false);
    }
  }

  // What stands behind `separator`, if the word before it is a name.
  void take_named(size_t begin, size_t end, const Separator& separator, bool apart) {
    size_t at = separator.end;
    at = separator.joined && !apart ? skip_colours(at) : skip_gap(at);
    if (!is_name(begin, end) && !(separator.colon && is_named_apart(begin, end, at))) return;
    if (separator.encoded) return take_encoded(at);
    const bool header = !separator.joined && is_header(begin, end);
    const size_t line = next_line(at);
    if (line == at) return take_value(at, header);
    const bool block = text_[at] == '|' || text_[at] == '>';
    if (block && is(text_[line - 1], kBlank)) return take_block(line);
    if (is_alone(line)) take_value(line, false);
  }

  // Whether the quoted word that begins at `begin` is the first of a pair of a list of such:
  // [["name", "value"]], [('name', 'value')].
  bool is_first_of_pair(size_t begin, bool quoted) const {
    if (!quoted || begin == 0 || !is_quote(text_[begin - 1])) return false;
    const size_t first = begin - std::min(begin, kQuotesMax * 2);
    std::string_view before = text_.substr(first, begin - 1 - first);
    const auto strip = [&before](std::string_view which) {
      const size_t last = before.find_last_not_of(which);
      before = before.substr(0, last == npos ? 0 : last + 1);
    };
    strip("\\");
    if (!before.ends_with('[') && !before.ends_with('(')) return false;
    before.remove_suffix(1);
    strip(" \t\r\n");
    return before.ends_with('[') || before.ends_with('(') || before.ends_with(',') ||
           before.ends_with('{');
  }

  bool is_name(size_t begin, size_t end) const {
    if (end - begin > kNameMax) begin = end - kNameMax;
    if (names_.in(text_.substr(begin, end - begin))) return true;
    // "secret access key", "api key"
    const bool joined = word_end_ + 1 == begin && text_[word_end_] == ' ';
    if (!joined || end - before_or(begin) > kNameMax) return false;
    return names_.at_end_of(text_.substr(before_or(begin), end - before_or(begin)));
  }
  size_t before_or(size_t begin) const { return word_end_ + 1 == begin ? before_begin_ : begin; }

  // Whether the word is the "value" of { name: 'password', value: '...' }, whose value is at `at`.
  bool is_named_apart(size_t begin, size_t end, size_t at) const {
    if (!is_member(text_.substr(begin, end - begin), kValueMembers)) return false;
    const size_t first = begin - std::min(begin, kPairMax);
    const std::string_view before = text_.substr(first, begin - first);
    const size_t brace = before.find_last_of("{}");
    if (brace == npos || before[brace] != '{') return false;
    if (says_name(before.substr(brace))) return true;
    const std::string_view value = text_.substr(at, kPairMax);
    const size_t quote = value.find_first_not_of('\\');
    if (quote == npos) return false;
    const size_t value_end = is_quote(value[quote])
                                 ? value.find(value.substr(0, quote + 1), quote + 1)
                                 : value.find_first_of(",}");
    if (value_end == npos) return false;
    const std::string_view behind = text_.substr(at + value_end, kPairMax);
    return says_name(behind.substr(0, behind.find_first_of("{}")));
  }
  // Whether `name: 'password'` is among these members.
  bool says_name(std::string_view members) const {
    for (size_t at = 0; at < members.size();) {
      const size_t end = word_end(members, at);
      const std::string_view word = members.substr(at, end - at);
      at = end == at ? at + 1 : end;
      if (!is_member(word, kNameMembers)) continue;
      const size_t colon = skip_any(members, end, "\\\"'` ");
      if (colon >= members.size() || members[colon] != ':') continue;
      const size_t name = skip_any(members, colon + 1, "\\\"'` ");
      if (names_.in(members.substr(name, word_end(members, name) - name))) return true;
    }
    return false;
  }
  static size_t word_end(std::string_view text, size_t at) {
    while (at < text.size() && is(text[at], kWord)) ++at;
    return at;
  }
  static size_t skip_any(std::string_view text, size_t at, std::string_view which) {
    return std::min(text.find_first_not_of(which, at), text.size());
  }
  template <size_t kCount>
  static bool is_member(std::string_view word, const std::array<std::string_view, kCount>& lower) {
    return std::ranges::any_of(lower, [&](auto member) { return same_word(word, member); });
  }

  bool is_header(size_t begin, size_t end) const {
    if (end - begin > kNameMax) return false;
    const std::string name = SecretNames::normalised(text_.substr(begin, end - begin));
    return name.ends_with("authorization") || name.ends_with("cookie");
  }

  size_t skip_blanks(size_t at) const {
    while (at < text_.size() && is(text_[at], kBlank)) ++at;
    return at;
  }
  size_t skip_colours(size_t at) const {
    while (at < text_.size()) {
      const size_t end = colour_end(text_, at);
      if (end == at) break;
      at = end;
    }
    return at;
  }
  size_t skip_gap(size_t at) const {
    for (size_t before = npos; before != at;) {
      before = at;
      at = skip_colours(skip_blanks(at));
    }
    return at;
  }
  // Behind what may close the quotes of a name, %-encoded ones with them.
  size_t skip_quotes(size_t at) const {
    const size_t limit = std::min(text_.size(), at + kQuotesMax);
    while (at < limit && colour_end(text_, at) == at) {
      const auto encoded = encoded_at(text_, at);
      if (encoded && is_quote(encoded->character)) {
        at = encoded->end;
      } else if (text_[at] == '\\' || is_quote(text_[at])) {
        ++at;
      } else {
        break;
      }
    }
    return at;
  }
  // What the next line begins with, when nothing but the sign of a block of YAML is left of the
  // line at `at`; else `at`.
  size_t next_line(size_t at) const {
    size_t end = at;
    if (end < text_.size() && (text_[end] == '|' || text_[end] == '>')) {
      ++end;
      while (end < text_.size() && end - at < 3 && (text_[end] == '-' || text_[end] == '+')) ++end;
    }
    if (end < text_.size() && text_[end] == '\r') ++end;
    if (end >= text_.size() || text_[end] != '\n') return at;
    end = skip_gap(end + 1);
    return end < text_.size() ? end : at;
  }
  // Whether at `at` a value is that can have a name on the line before it: one in quotes or
  // braces, or a word that is all of its line and has none before it itself.
  bool is_alone(size_t at) const {
    if (is_quote(text_[at]) || text_[at] == '{') return true;
    size_t end = at;
    while (end < text_.size() && !is(text_[end], kEnd) && text_[end] != ':' && text_[end] != '=')
      ++end;
    while (end < text_.size() && text_[end] == '=') ++end;  // of base64
    end = skip_gap(end);
    return end > at && (end == text_.size() || text_[end] == '\n' || text_[end] == '\r');
  }
  size_t value_end(size_t at) const {
    while (at < text_.size() && !is(text_[at], kEnd)) ++at;
    return at;
  }

  // The value at `at` of a name.
  void take_value(size_t at, bool header) {
    if (at >= text_.size()) return;
    size_t quote = at;
    // Python's b'...'
    if (is(text_[at], kLower) && at + 1 < text_.size() && is_quote(text_[at + 1])) at = ++quote;
    while (quote < text_.size() && text_[quote] == '\\') ++quote;
    if (quote < text_.size() && is_quote(text_[quote])) return take_quoted(at, quote);
    if (text_.substr(at).starts_with(kRedacted)) {
      at_ = at + kRedacted.size();
    } else if (text_[at] == '{' || text_[at] == '[') {
      hide(at, bracket_end(at));
    } else {
      take_bare(at, header);
    }
  }

  // `from`: the backslashes before the quote, which stand before its end, too.
  void take_quoted(size_t from, size_t quote) {
    const std::string_view opening = text_.substr(from, quote + 1 - from);
    size_t end = quote + 1;
    if (opening.size() > 1) {
      end = std::min(text_.find(opening, end), text_.size());
    } else {
      while (end < text_.size() && text_[end] != text_[quote]) end += text_[end] == '\\' ? 2 : 1;
      end = std::min(end, text_.size());
    }
    at_ = quote + 1;
    if (end > at_) hide(at_, end);
    // Else its end would begin another.
    at_ = std::min(end + opening.size(), text_.size());
  }

  void take_bare(size_t at, bool header) {
    size_t end = value_end(at);
    const std::string_view word = text_.substr(at, end - at);
    if (word.empty() || std::ranges::find(kNothing, word) != kNothing.end()) return;
    // The value may be another name with its value: "cookie=Cookie: a=1; b=2".
    if (const size_t colon = std::min(word.find(':'), word.size()); colon < word.size()) {
      header = header || is_header(at, at + colon);
    }
    const bool named = word.ends_with(':') && is_name(at, end - 1);
    if (header) {
      end = std::min(text_.find_first_of("\r\n\"'`", at), text_.size());
    }
    const size_t next = skip_blanks(end);
    const bool quoted = named && !header && next < text_.size() && is_quote(text_[next]);
    if (!header && !quoted && (named || is_scheme(word))) end = value_end(next);
    hide(at, end);
    if (quoted) take_quoted(next, next);
  }

  // Up to the first character that ends a value and is %-encoded itself; or to the value's end.
  void take_encoded(size_t at) {
    at = skip_quotes(at);
    if (text_.substr(at).starts_with(kRedacted)) {
      at_ = at + kRedacted.size();
      return;
    }
    size_t end = at;
    while (end < text_.size() && !is(text_[end], kEnd)) {
      const auto encoded = encoded_at(text_, end);
      if (encoded && is(encoded->character, kEnd) && !is(encoded->character, kBlank)) break;
      end = encoded ? encoded->end : end + 1;
    }
    const std::string_view value = text_.substr(at, end - at);
    if (!value.empty() && std::ranges::find(kNothing, value) == kNothing.end()) hide(at, end);
  }

  // A block of YAML: the line at `at`, and those behind it that are indented.
  void take_block(size_t at) {
    if (text_.substr(at).starts_with(kRedacted)) {
      at_ = at + kRedacted.size();
      return;
    }
    size_t end = std::min(text_.find_first_of("\r\n", at), text_.size());
    while (end < text_.size()) {
      size_t next = text_.find_first_not_of("\r\n", end);
      if (next == npos || !is(text_[next], kBlank)) break;
      end = std::min(text_.find_first_of("\r\n", next), text_.size());
    }
    hide(at, end);
  }

  size_t bracket_end(size_t at) const {
    size_t depth = 0;
    for (; at < text_.size(); ++at) {
      if (text_[at] == '{' || text_[at] == '[') ++depth;
      if ((text_[at] == '}' || text_[at] == ']') && --depth == 0) return at + 1;
    }
    return at;
  }

  // Of XML.
  void take_element(size_t at) {
    const size_t end = std::min(text_.find('<', at), text_.size());
    at_ = at;
    if (end > at) hide(at, end);
  }

  void take_user_info() {
    const size_t begin = at_ + 3;
    at_ = begin;
    const std::string_view authority = text_.substr(begin, kUserInfoMax);
    const size_t end = authority.find_first_of("@/?# \t\r\n\"'<>");
    if (end == npos || authority[end] != '@') return;
    const size_t colon = authority.find(':');
    if (credentials_ && colon + 1 < end) hide(begin + colon + 1, begin + end);
  }

  // What is a secret by its form.
  bool take_credential(size_t begin, std::string_view word) {
    if (word.size() < 5) return false;
    const size_t end = begin + word.size();
    if (const size_t id = key_id_in(word); id != npos) {
      saw_key_id_ = true;
      hide(begin + id, begin + id + kKeyIdLength);
      return true;
    }
    if (is_web_token(word) || has_known_beginning(word)) {
      hide(begin, end);
      return true;
    }
    if (word == "-----BEGIN") {
      if (!text_.substr(end, kKeyNameMax).contains("PRIVATE KEY-----")) return false;
      const size_t last = text_.find("-----END", end);
      const size_t closing = last == npos ? npos : text_.find("-----", last + 8);
      hide(begin, closing == npos ? text_.size() : closing + 5);
      return true;
    }
    if (same_word(word, "bearer") || same_word(word, "basic")) {
      const size_t token = skip_blanks(end);
      const size_t token_end = value_end(token);
      if (token == end || !looks_random(text_.substr(token, token_end - token))) return false;
      hide(token, token_end);
      return true;
    }
    return false;
  }

  const std::string_view text_;
  const SecretNames& names_;
  const bool credentials_;
  std::string& out_;
  size_t at_ = 0;
  size_t run_end_ = 0;  // up to here all were letters of one word when they were looked at
  size_t copied_ = 0;
  bool hidden_ = false;
  bool saw_key_id_ = false;
  // The word before, and the first of the two words that end with it.
  size_t word_begin_ = 0;
  size_t word_end_ = npos - 1;
  size_t before_begin_ = 0;
};

bool is_secret_key(std::string_view run) {
  const auto has = [&](uint8_t kind) {
    return std::ranges::any_of(run, [&](char c) { return is(c, kind); });
  };
  return run.size() == kSecretKeyLength && has(kUpper) && has(kLower) && has(kDigit);
}

// AWS's secret keys have no beginning of their own: beside a key id, what has their length is one.
void hide_secret_keys(std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() &&
           (is(text[end], kLetterOrDigit) || text[end] == '/' || text[end] == '+'))
      ++end;
    const std::string_view run = std::string_view(text).substr(at, end - at);
    out += is_secret_key(run) ? kRedacted : run;
    if (end < text.size()) out += text[end];
    at = end + 1;
  }
  text = std::move(out);
}

}  // namespace

bool hide_in_text(std::string_view text, const SecretNames& names, bool credentials,
                  std::string& out) {
  if (names.empty() && !credentials) return false;
  std::string shown;
  Scan scan(text, names, credentials, shown);
  if (!scan.run()) return false;
  if (scan.saw_key_id()) hide_secret_keys(shown);
  out += shown;
  return true;
}

}  // namespace weft::trace

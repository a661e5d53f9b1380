#include "jsonata/lexer.h"

#include <charconv>
#include <cmath>

#include "base/ascii.h"
#include "json/utf8.h"

namespace weft::jsonata {

namespace {

using base::is_digit;

constexpr std::string_view kOneCharOperators = ".[]{}(),@#;:?+-*/%|=<>^&!~";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v'; }

}  // namespace

size_t Lexer::units(size_t byte) {
  if (byte < counted_byte_) counted_byte_ = counted_units_ = 0;
  while (counted_byte_ < byte) {
    const size_t length = json::utf8_length(text_[counted_byte_]);
    counted_units_ += length == 4 ? 2 : 1;
    counted_byte_ += length;
  }
  return counted_units_;
}

bool Lexer::fail(SyntaxFailure& failure, const char* code, size_t byte, std::string token) {
  failure.code = code;
  failure.position = units(byte);
  failure.token = std::move(token);
  return false;
}

bool Lexer::skip_blank(SyntaxFailure& failure) {
  while (at_ < text_.size()) {
    if (is_space(text_[at_])) {
      ++at_;
    } else if (text_.substr(at_, 2) == "/*") {
      const size_t close = text_.find("*/", at_ + 2);
      if (close == std::string_view::npos) return fail(failure, "S0106", at_);
      at_ = close + 2;
    } else {
      break;
    }
  }
  return true;
}

bool Lexer::next(bool operand_follows, Token& token, SyntaxFailure& failure) {
  token = Token();
  if (!skip_blank(failure)) return false;
  bool ok = true;
  if (at_ >= text_.size()) {
    token.type = TokenType::kEnd;
    token.value = "(end)";
  } else if (operand_follows && text_[at_] == '/') {
    ok = scan_regex(token, failure);
  } else if (scan_operator(token)) {
    token.type = TokenType::kOperator;
  } else if (text_[at_] == '"' || text_[at_] == '\'') {
    ok = scan_string(token, failure);
  } else if (is_digit(text_[at_])) {
    ok = scan_number(token, failure);
  } else if (text_[at_] == '`') {
    ok = scan_quoted_name(token, failure);
  } else {
    scan_name(token);
  }
  token.position = units(at_);
  return ok;
}

bool Lexer::scan_operator(Token& token) {
  const std::string_view two = text_.substr(at_, 2);
  for (const std::string_view op : {"..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"}) {
    if (two != op) continue;
    // The operators of 2.1 are unknown to Step Functions: there they are two tokens.
    if (dialect_ == Dialect::kAws && op[0] == '?') break;
    token.value = op;
    at_ += 2;
    return true;
  }
  if (kOneCharOperators.find(text_[at_]) == std::string_view::npos) return false;
  token.value = text_[at_++];
  return true;
}

bool Lexer::scan_regex(Token& token, SyntaxFailure& failure) {
  const size_t start = ++at_;
  int depth = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    const bool escaped = text_[at_ - 1] == '\\';
    if (c == '/' && depth == 0) {
      size_t slashes = 0;
      while (at_ - slashes > start && text_[at_ - slashes - 1] == '\\') ++slashes;
      if (slashes % 2 == 0) break;
    }
    if (escaped) continue;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
  }
  if (at_ >= text_.size()) return fail(failure, "S0302", at_);
  token.type = TokenType::kRegex;
  token.value = text_.substr(start, at_ - start);
  if (token.value.empty()) return fail(failure, "S0301", at_);
  ++at_;
  while (at_ < text_.size() && (text_[at_] == 'i' || text_[at_] == 'm'))
    token.flags += text_[at_++];
  return true;
}

bool Lexer::scan_string(Token& token, SyntaxFailure& failure) {
  const char quote = text_[at_++];
  token.type = TokenType::kString;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == quote) {
      ++at_;
      return true;
    }
    if (c != '\\') {
      token.value += c;
      ++at_;
      continue;
    }
    ++at_;
    if (!scan_escape(token.value, failure)) return false;
  }
  return fail(failure, "S0101", at_);
}

bool Lexer::scan_escape(std::string& out, SyntaxFailure& failure) {
  if (at_ >= text_.size()) return fail(failure, "S0101", at_);
  static constexpr std::string_view kNames = "\"\\/bfnrt";
  static constexpr std::string_view kCharacters = "\"\\/\b\f\n\r\t";
  const size_t which = kNames.find(text_[at_]);
  if (which != std::string_view::npos) {
    out += kCharacters[which];
    ++at_;
    return true;
  }
  if (text_[at_] != 'u') {
    const size_t length = json::utf8_length(text_[at_]);
    return fail(failure, "S0103", at_, std::string(text_.substr(at_, length)));
  }
  const char* start = text_.data() + at_ + 1;
  const char* limit = text_.data() + text_.size();
  uint32_t unit = 0;
  if (limit - start < 4 || std::from_chars(start, start + 4, unit, 16).ptr != start + 4) {
    return fail(failure, "S0104", at_);
  }
  at_ += 5;
  // A low surrogate completes the high one before it.
  if (json::is_low_surrogate(unit) && out.size() >= 3) {
    size_t at = out.size() - 3;
    if (static_cast<unsigned char>(out[at]) == 0xED) {
      const size_t high_at = at;
      const char32_t high = json::decode_utf8(out, at);
      if (json::is_high_surrogate(high)) {
        out.resize(high_at);
        unit = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
      }
    }
  }
  json::append_utf8(unit, out);
  return true;
}

bool Lexer::scan_number(Token& token, SyntaxFailure& failure) {
  const size_t start = at_;
  const auto digits = [&](size_t at) {
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at;
  };
  at_ = text_[at_] == '0' ? at_ + 1 : digits(at_);
  if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1]))
    at_ = digits(at_ + 1);
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    size_t at = at_ + 1;
    if (at < text_.size() && (text_[at] == '+' || text_[at] == '-')) ++at;
    if (at < text_.size() && is_digit(text_[at])) at_ = digits(at);
  }
  token.type = TokenType::kNumber;
  token.value = text_.substr(start, at_ - start);
  token.number = std::strtod(token.value.c_str(), nullptr);
  if (std::isinf(token.number)) return fail(failure, "S0102", start, token.value);
  return true;
}

bool Lexer::scan_quoted_name(Token& token, SyntaxFailure& failure) {
  const size_t close = text_.find('`', at_ + 1);
  if (close == std::string_view::npos) {
    return fail(failure, "S0105", text_.size());
  }
  token.type = TokenType::kName;
  token.value = text_.substr(at_ + 1, close - at_ - 1);
  at_ = close + 1;
  return true;
}

void Lexer::scan_name(Token& token) {
  const size_t start = at_;
  while (at_ < text_.size() && !is_space(text_[at_]) &&
         kOneCharOperators.find(text_[at_]) == std::string_view::npos) {
    ++at_;
  }
  const std::string_view word = text_.substr(start, at_ - start);
  if (word[0] == '$') {
    token.type = TokenType::kVariable;
    token.value = word.substr(1);
    return;
  }
  token.value = word;
  if (word == "and" || word == "or" || word == "in") {
    token.type = TokenType::kOperator;
  } else if (word == "true" || word == "false" || word == "null") {
    token.type = TokenType::kLiteral;
  } else {
    token.type = TokenType::kName;
  }
}

}  // namespace weft::jsonata

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "jsonata/expression.h"

namespace weft::jsonata {

enum class TokenType : uint8_t {
  kOperator,
  kString,
  kNumber,
  kName,
  kVariable,
  kLiteral,
  kRegex,
  kEnd
};

// One token. `position` counts UTF-16 units and stands after the token, as in the reference.
struct Token {
  TokenType type = TokenType::kEnd;
  std::string value;  // operator, decoded string, name, variable without $, literal word, pattern
                      // of a regex
  std::string flags;  // of a regex
  double number = 0;
  size_t position = 0;
};

// What went wrong while reading a text, before it is worded.
struct SyntaxFailure {
  const char* code = nullptr;
  size_t position = 0;
  std::string token;       // shown as the error's token
  std::string value;       // JSON text; empty for none
  std::string token_json;  // the token as the message shows it; empty: as a string
  explicit operator bool() const { return code != nullptr; }
};

// Cuts an expression into tokens.
class Lexer {
 public:
  Lexer(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {}

  // The next token; `operand_follows` allows a regex. False on failure.
  bool next(bool operand_follows, Token& token, SyntaxFailure& failure);
  // Text length in UTF-16 units.
  size_t length() { return units(text_.size()); }

 private:
  bool skip_blank(SyntaxFailure& failure);
  bool scan_regex(Token& token, SyntaxFailure& failure);
  bool scan_string(Token& token, SyntaxFailure& failure);
  bool scan_escape(std::string& out, SyntaxFailure& failure);
  bool scan_number(Token& token, SyntaxFailure& failure);
  bool scan_quoted_name(Token& token, SyntaxFailure& failure);
  void scan_name(Token& token);
  bool scan_operator(Token& token);
  size_t units(size_t byte);
  bool fail(SyntaxFailure& failure, const char* code, size_t byte, std::string token = {});

  std::string_view text_;
  Dialect dialect_;
  size_t at_ = 0;
  // Units before counted_byte_: positions mostly move forward.
  size_t counted_byte_ = 0;
  size_t counted_units_ = 0;
};

}  // namespace weft::jsonata

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::maprun::items {

// Sees to it that bytes are one JSON value, piece by piece, and keeps none of them: for what a
// reader passes over. Bytes beyond ASCII count as text wherever they stand in quotes. A plain
// value.
class JsonCheck {
 public:
  JsonCheck() = default;
  // Goes on where another was (state()); one of no known form begins anew.
  explicit JsonCheck(std::string_view state);
  std::string state() const;

  // Takes what belongs to the value, blanks before it with it; the place behind it. The value is
  // whole, or the text ends, or a byte is wrong: that at the place returned.
  size_t take(std::string_view text, size_t at);
  bool whole() const { return at_ == At::kWhole; }
  bool wrong() const { return at_ == At::kWrong; }
  // What was expected where a byte was wrong.
  std::string_view expected() const;

 private:
  enum class At : uint8_t {
    kValue,      // before a value
    kFirst,      // behind '[': a value, or ']'
    kFirstName,  // behind '{': a name, or '}'
    kName,       // behind ',' in an object
    kColon,
    kAfter,  // behind a value in a container
    kString,
    kNumber,
    kLiteral,
    kWhole,
    kWrong,
  };
  enum class Number : uint8_t { kSign, kZero, kWhole, kPoint, kFraction, kE, kESign, kExponent };

  // Each takes the byte `c`; false: it does not belong to the value (a number has no end of its
  // own).
  bool take_byte(char c);
  bool begin_value(char c);
  bool in_string(char c);
  bool in_number(char c);
  bool in_literal(char c);
  bool fail(At where);
  bool open(char bracket);
  void end_value();

  At at_ = At::kValue;
  At failed_ = At::kValue;  // where the wrong byte was
  Number number_ = Number::kSign;
  bool name_ = false;   // the string is a member's name
  uint8_t escape_ = 0;  // of a string: 1 behind a backslash, 2 to 5: hexadecimal digits to come + 1
  uint8_t literal_ = 0;  // which, and how many of its letters were there
  uint8_t letters_ = 0;
  std::string open_;  // the brackets around it
};

}  // namespace weft::maprun::items

#include "maprun/items/json_check.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/limits.h"

namespace weft::maprun::items {
namespace {

constexpr std::array<std::string_view, 3> kLiterals = {"true", "false", "null"};
constexpr size_t kHeadBytes = 6;  // of state(), before the brackets

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Which plain bytes of a string end its fast lane.
bool is_plain(char c) { return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20; }

}  // namespace

JsonCheck::JsonCheck(std::string_view state) {
  if (state.size() < kHeadBytes) return;
  at_ = static_cast<At>(state[0] - 'A');
  number_ = static_cast<Number>(state[1] - 'A');
  name_ = state[2] == 'n';
  escape_ = static_cast<uint8_t>(state[3] - 'A');
  literal_ =
      static_cast<uint8_t>(std::clamp(state[4] - 'A', 0, static_cast<int>(kLiterals.size()) - 1));
  letters_ = static_cast<uint8_t>(state[5] - 'A');
  open_ = state.substr(kHeadBytes);
}

std::string JsonCheck::state() const {
  const auto letter = [](auto value) { return static_cast<char>('A' + static_cast<int>(value)); };
  return std::string{letter(at_),     letter(number_),  name_ ? 'n' : '-',
                     letter(escape_), letter(literal_), letter(letters_)} +
         open_;
}

size_t JsonCheck::take(std::string_view text, size_t at) {
  while (at < text.size() && !whole() && !wrong()) {
    if (at_ == At::kString && escape_ == 0) {
      while (at < text.size() && is_plain(text[at])) ++at;
      if (at == text.size()) break;
    }
    if (take_byte(text[at])) ++at;
  }
  return at;
}

bool JsonCheck::take_byte(char c) {
  switch (at_) {
    case At::kString:
      return in_string(c);
    case At::kNumber:
      return in_number(c);
    case At::kLiteral:
      return in_literal(c);
    default:
      break;
  }
  if (is_blank(c)) return true;
  switch (at_) {
    case At::kFirst:
      if (c != ']') return begin_value(c);
      open_.pop_back();
      end_value();
      return true;
    case At::kFirstName:
    case At::kName:
      if (c == '}' && at_ == At::kFirstName) {
        open_.pop_back();
        end_value();
        return true;
      }
      if (c != '"') return fail(at_);
      at_ = At::kString;
      name_ = true;
      return true;
    case At::kColon:
      if (c != ':') return fail(at_);
      at_ = At::kValue;
      return true;
    case At::kAfter:
      if (c == ',') {
        at_ = open_.back() == '{' ? At::kName : At::kValue;
        return true;
      }
      if (c != (open_.back() == '{' ? '}' : ']')) return fail(at_);
      open_.pop_back();
      end_value();
      return true;
    default:
      return begin_value(c);
  }
}

bool JsonCheck::begin_value(char c) {
  if (c == '[' || c == '{') return open(c);
  if (c == '"') {
    at_ = At::kString;
    name_ = false;
    return true;
  }
  if (c == '-' || base::is_digit(c)) {
    at_ = At::kNumber;
    number_ = c == '-' ? Number::kSign : c == '0' ? Number::kZero : Number::kWhole;
    return true;
  }
  const auto* const literal =
      std::ranges::find(kLiterals, c, [](std::string_view one) { return one.front(); });
  if (literal == kLiterals.end()) return fail(At::kValue);
  at_ = At::kLiteral;
  literal_ = static_cast<uint8_t>(literal - kLiterals.begin());
  letters_ = 1;
  return true;
}

bool JsonCheck::open(char bracket) {
  if (open_.size() >= base::kJsonDepthMax) return fail(At::kFirst);
  open_ += bracket;
  at_ = bracket == '[' ? At::kFirst : At::kFirstName;
  return true;
}

bool JsonCheck::in_string(char c) {
  if (escape_ > 1) {
    if (!base::is_hex(c)) return fail(At::kString);
    --escape_;
    if (escape_ == 1) escape_ = 0;
    return true;
  }
  if (escape_ == 1) {
    if (!std::string_view("\"\\/bfnrtu").contains(c)) return fail(At::kString);
    escape_ = c == 'u' ? 5 : 0;
    return true;
  }
  if (c == '\\') {
    escape_ = 1;
  } else if (c == '"') {
    if (name_) {
      at_ = At::kColon;
    } else {
      end_value();
    }
  } else if (static_cast<unsigned char>(c) < 0x20) {
    return fail(At::kString);
  }
  return true;
}

bool JsonCheck::in_number(char c) {
  const bool digit = base::is_digit(c);
  const bool exponent = c == 'e' || c == 'E';
  const bool sign = c == '+' || c == '-';
  Number next = number_;
  bool ends = false;  // where another byte may follow
  switch (number_) {
    case Number::kSign:
      next = c == '0' ? Number::kZero : Number::kWhole;
      break;
    case Number::kZero:
    case Number::kWhole:
      ends = !(digit && number_ == Number::kWhole) && c != '.' && !exponent;
      next = c == '.' ? Number::kPoint : exponent ? Number::kE : number_;
      break;
    case Number::kPoint:
    case Number::kFraction:
      ends = number_ == Number::kFraction && !digit && !exponent;
      next = exponent && number_ == Number::kFraction ? Number::kE : Number::kFraction;
      break;
    case Number::kE:
      next = sign ? Number::kESign : Number::kExponent;
      break;
    case Number::kESign:
    case Number::kExponent:
      ends = number_ == Number::kExponent && !digit;
      next = Number::kExponent;
      break;
  }
  if (ends && !digit) {
    end_value();
    return false;
  }
  const bool by_sign = next == Number::kPoint || next == Number::kE || next == Number::kESign;
  if (ends || (!digit && !by_sign)) return fail(At::kNumber);
  number_ = next;
  return true;
}

bool JsonCheck::in_literal(char c) {
  const std::string_view literal = kLiterals[literal_];
  if (letters_ >= literal.size() || literal[letters_] != c) return fail(At::kLiteral);
  if (++letters_ == literal.size()) end_value();
  return true;
}

bool JsonCheck::fail(At where) {
  failed_ = where;
  at_ = At::kWrong;
  return false;
}

void JsonCheck::end_value() { at_ = open_.empty() ? At::kWhole : At::kAfter; }

std::string_view JsonCheck::expected() const {
  switch (failed_) {
    case At::kFirst:
      return "at most 200 arrays and objects in one another";
    case At::kFirstName:
    case At::kName:
      return "a member's name in quotes";
    case At::kColon:
      return "':' after a member's name";
    case At::kAfter:
      return open_.ends_with('{') ? "',' or '}'" : "',' or ']'";
    case At::kString:
      return "a character of a text, or an escape";
    case At::kNumber:
      return "a digit";
    case At::kLiteral:
      return "true, false or null";
    default:
      return "a value";
  }
}

}  // namespace weft::maprun::items

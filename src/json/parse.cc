#include "json/parse.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "json/exact.h"
#include "json/plain.h"
#include "json/utf8.h"

namespace weft::json {

namespace {

using base::is_digit;

class Parser {
 public:
  Parser(std::string_view text, Arena& arena, bool exact)
      : text_(text),
        arena_(arena),
        exact_(exact),
        at_(text.data()),
        end_(text.data() + text.size()) {
    stack_.reserve(64);
    keys_.reserve(32);
  }

  std::expected<Value, ParseError> run() {
    Value result;
    skip_space();
    if (!parse_value(result, 0)) return std::unexpected(error_);
    skip_space();
    if (at_ != end_) {
      fail("unexpected text after the value");
      return std::unexpected(error_);
    }
    return result;
  }

 private:
  bool fail(std::string message) { return fail_at(at_, std::move(message)); }
  bool fail_at(const char* at, std::string message) {
    error_.offset = static_cast<size_t>(at - text_.data());
    error_.message = std::move(message);
    for (const char* p = text_.data(); p < at; ++p) {
      ++error_.column;
      if (*p != '\n') continue;
      ++error_.line;
      error_.column = 1;
    }
    return false;
  }
  bool fail_unexpected(std::string_view wanted) {
    if (at_ == end_) return fail(fmt::format("unexpected end of text, expected {}", wanted));
    const size_t length =
        std::max<size_t>(1, valid_utf8_length(text_, static_cast<size_t>(at_ - text_.data())));
    std::string shown;
    write_shown(std::string_view(at_, length), shown);
    return fail(fmt::format("unexpected {}, expected {}", shown, wanted));
  }
  static void write_shown(std::string_view character, std::string& out) {
    const auto lead = static_cast<unsigned char>(character[0]);
    if (lead < 0x20 || lead == 0x7F || (lead >= 0x80 && character.size() == 1)) {
      out += fmt::format("byte 0x{:02X}", lead);
    } else {
      out += fmt::format("'{}'", character);
    }
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  bool parse_value(Value& out, size_t depth) {
    if (at_ == end_) return fail_unexpected("a value");
    switch (*at_) {
      case '{':
        return parse_object(out, depth + 1);
      case '[':
        return parse_array(out, depth + 1);
      case '"': {
        std::string_view text;
        bool ascii = false;
        if (!parse_string(text, ascii)) return false;
        out = Value::string_ref(text, ascii);
        return true;
      }
      case 't':
        out = Value::boolean(true);
        return literal("true");
      case 'f':
        out = Value::boolean(false);
        return literal("false");
      case 'n':
        out = Value::null();
        return literal("null");
      default:
        return parse_number(out);
    }
  }

  bool literal(std::string_view word) {
    if (static_cast<size_t>(end_ - at_) < word.size() ||
        std::memcmp(at_, word.data(), word.size()) != 0) {
      return fail_unexpected("a value");
    }
    at_ += word.size();
    return true;
  }

  bool parse_number(Value& out) {
    const char* start = at_;
    const char* p = at_;
    if (p != end_ && *p == '-') ++p;
    if (p == end_ || !is_digit(*p)) {
      at_ = p == end_ || p != start ? p : start;
      return fail_unexpected(p == start ? "a value" : "a digit");
    }
    if (*p == '0' && p + 1 != end_ && is_digit(p[1])) {
      at_ = p + 1;
      return fail("a number must not have leading zeros");
    }
    while (p != end_ && is_digit(*p)) ++p;
    const bool whole = p == end_ || (*p != '.' && *p != 'e' && *p != 'E');
    if (!whole && !scan_fraction(p)) return false;
    at_ = p;
    if (whole && p - start <= 19 && *start != '-' && !(exact_ && p - start == 19))
      return small_integer(start, p, out);
    if (whole && (exact_ || start[1] != '0')) {
      int64_t number = 0;
      if (std::from_chars(start, p, number).ec == std::errc()) {
        out = Value::integer(number);
        return true;
      }
      if (exact_) {
        out = long_integer({start, p}, arena_);
        return true;
      }
    }
    double number = 0;
    if (std::from_chars(start, p, number).ec == std::errc::result_out_of_range) {
      return finish_out_of_range(start, p, out);
    }
    out = Value::number(number);
    return true;
  }

  bool small_integer(const char* start, const char* end, Value& out) {
    uint64_t number = 0;
    for (const char* p = start; p != end; ++p)
      number = number * 10 + static_cast<uint64_t>(*p - '0');
    out = number <= INT64_MAX ? Value::integer(static_cast<int64_t>(number))
                              : Value::number(static_cast<double>(number));
    return true;
  }

  bool scan_fraction(const char*& p) {
    if (*p == '.') {
      ++p;
      if (p == end_ || !is_digit(*p)) return at_ = p, fail_unexpected("a digit");
      while (p != end_ && is_digit(*p)) ++p;
    }
    if (p != end_ && (*p == 'e' || *p == 'E')) {
      ++p;
      if (p != end_ && (*p == '+' || *p == '-')) ++p;
      if (p == end_ || !is_digit(*p)) return at_ = p, fail_unexpected("a digit");
      while (p != end_ && is_digit(*p)) ++p;
    }
    return true;
  }

  // from_chars refuses both ends of the range: too small is zero, too large is an error.
  bool finish_out_of_range(const char* start, const char* end, Value& out) {
    const double number = std::strtod(std::string(start, end).c_str(), nullptr);
    if (std::isinf(number)) return fail_at(start, "number out of range");
    out = Value::number(number);
    return true;
  }

  // Leaves the characters of the string at `at_` in `out`: a piece of the text, or of the arena
  // when it had escapes.
  bool parse_string(std::string_view& out, bool& ascii) {
    const char* start = ++at_;
    unsigned char seen = 0;
    while ((at_ = skip_plain(at_, end_)) != end_) {
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') {
        out = std::string_view(start, static_cast<size_t>(at_ - start));
        ascii = seen < 0x80;
        ++at_;
        return true;
      }
      if (c == '\\') return parse_escaped(start, out, ascii);
      if (c < 0x20) return fail("control character in a string; write it as an escape");
      seen |= c;
      if (!skip_utf8()) return false;
    }
    return fail("unexpected end of text in a string");
  }

  bool skip_utf8() {
    const size_t length = valid_utf8_length(text_, static_cast<size_t>(at_ - text_.data()));
    if (length == 0) return fail("invalid UTF-8 in a string");
    at_ += length;
    return true;
  }

  bool parse_escaped(const char* start, std::string_view& out, bool& ascii) {
    scratch_.assign(start, at_);
    while (at_ != end_) {
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') {
        ++at_;
        out = arena_.copy(scratch_);
        ascii = Value::is_ascii(out);
        return true;
      }
      if (c < 0x20) return fail("control character in a string; write it as an escape");
      const char* from = at_;
      if (c == '\\') {
        if (!parse_escape()) return false;
      } else if (c < 0x80) {
        scratch_ += *at_++;
      } else {
        if (!skip_utf8()) return false;
        scratch_.append(from, at_);
      }
    }
    return fail("unexpected end of text in a string");
  }

  bool parse_escape() {
    ++at_;
    if (at_ == end_) return fail("unexpected end of text in a string");
    static constexpr std::string_view kNames = "\"\\/bfnrt";
    static constexpr std::string_view kCharacters = "\"\\/\b\f\n\r\t";
    const size_t which = kNames.find(*at_);
    if (which != std::string_view::npos) {
      scratch_ += kCharacters[which];
      ++at_;
      return true;
    }
    if (*at_ != 'u') return fail_unexpected("an escape character");
    char32_t unit = 0;
    if (!parse_hex4(unit)) return false;
    // A high surrogate and the low one after it are one character.
    if (is_high_surrogate(unit) && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
      const char* before = at_++;
      char32_t low = 0;
      if (!parse_hex4(low)) return false;
      if (is_low_surrogate(low)) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      } else {
        at_ = before;
      }
    }
    append_utf8(unit, scratch_);
    return true;
  }

  bool parse_hex4(char32_t& unit) {
    ++at_;
    unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ == end_) return fail("unexpected end of text in a string");
      const int digit = base::hex_value(*at_);
      if (digit < 0) return fail_unexpected("four hexadecimal digits");
      unit = unit * 16 + static_cast<char32_t>(digit);
    }
    return true;
  }

  bool parse_array(Value& out, size_t depth) {
    if (depth > base::kJsonDepthMax) return fail_depth();
    ++at_;
    skip_space();
    if (at_ != end_ && *at_ == ']') {
      ++at_;
      out = Value::array(nullptr, 0);
      return true;
    }
    const size_t base = stack_.size();
    while (true) {
      Value item;
      if (!parse_value(item, depth)) return false;
      stack_.push_back(item);
      skip_space();
      if (at_ == end_) return fail_unexpected("',' or ']'");
      if (*at_ == ']') break;
      if (*at_ != ',') return fail_unexpected("',' or ']'");
      ++at_;
      skip_space();
    }
    ++at_;
    out = Value::array(take_values(base), stack_.size() - base);
    stack_.resize(base);
    return true;
  }

  Value* take_values(size_t base) {
    const size_t count = stack_.size() - base;
    auto* values = arena_.allocate_array<Value>(count);
    std::memcpy(static_cast<void*>(values), stack_.data() + base, count * sizeof(Value));
    return values;
  }

  bool fail_depth() {
    return fail(fmt::format("nested more than {} levels deep", base::kJsonDepthMax));
  }

  bool parse_object(Value& out, size_t depth) {
    if (depth > base::kJsonDepthMax) return fail_depth();
    ++at_;
    skip_space();
    if (at_ != end_ && *at_ == '}') {
      ++at_;
      out = Value::object(Shape::empty(), nullptr, arena_);
      return true;
    }
    const size_t base = stack_.size();
    const size_t keys_base = keys_.size();
    // Alike objects follow each other: as long as the names equal those of the last object at this
    // depth, nothing is hashed.
    const Shape* guess = depth < kGuesses ? guesses_[depth] : nullptr;
    uint32_t matched = 0;
    while (true) {
      if (!parse_member(guess, matched, keys_base, depth)) return false;
      if (at_ == end_) return fail_unexpected("',' or '}'");
      if (*at_ == '}') break;
      if (*at_ != ',') return fail_unexpected("',' or '}'");
      ++at_;
      skip_space();
    }
    ++at_;
    const Shape* shape = finish_shape(guess, matched, keys_base, base);
    if (depth < kGuesses) guesses_[depth] = shape;
    out = Value::object(shape, take_values(base), arena_);
    stack_.resize(base);
    keys_.resize(keys_base);
    return true;
  }

  // One `"name": value`, with the value pushed on the stack. While `guess` fits, `matched` counts
  // its names; after the first difference names are collected from `keys_base` on.
  bool parse_member(const Shape*& guess, uint32_t& matched, size_t keys_base, size_t depth) {
    if (at_ == end_ || *at_ != '"') return fail_unexpected("a member name in quotes");
    std::string_view name;
    bool ascii = false;
    if (!parse_string(name, ascii)) return false;
    if (guess != nullptr) {
      if (matched < guess->count && guess->keys[matched].view() == name) {
        ++matched;
      } else {
        keys_.insert(keys_.end(), guess->keys, guess->keys + matched);
        guess = nullptr;
      }
    }
    if (guess == nullptr) {
      keys_.push_back(Key{name.data(), static_cast<uint32_t>(name.size()), hash_key(name)});
    }
    WEFT_DCHECK(keys_.size() >= keys_base);
    skip_space();
    if (at_ == end_ || *at_ != ':') return fail_unexpected("':'");
    ++at_;
    skip_space();
    Value member;
    if (!parse_value(member, depth)) return false;
    stack_.push_back(member);
    skip_space();
    return true;
  }

  const Shape* finish_shape(const Shape* guess, uint32_t matched, size_t keys_base, size_t base) {
    if (guess != nullptr) {
      if (matched == guess->count) return guess;
      keys_.insert(keys_.end(), guess->keys, guess->keys + matched);
    }
    remove_duplicates(keys_base, base);
    const auto count = static_cast<uint32_t>(keys_.size() - keys_base);
    auto* keys = arena_.allocate_array<Key>(count);
    std::memcpy(keys, keys_.data() + keys_base, count * sizeof(Key));
    return Shape::make(keys, count, arena_);
  }

  // The last of equal names wins and stands where the first stood.
  void remove_duplicates(size_t keys_base, size_t base) {
    const size_t count = keys_.size() - keys_base;
    Key* keys = keys_.data() + keys_base;
    Value* values = stack_.data() + base;
    size_t capacity = 16;
    while (capacity < count * 2) capacity *= 2;
    seen_.assign(count > 16 ? capacity : 0, 0);
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      size_t twin = kept;
      if (seen_.empty()) {
        for (size_t j = 0; j < kept && twin == kept; ++j) {
          if (keys[j].equals(keys[i].view(), keys[i].hash)) twin = j;
        }
      } else {
        size_t slot = table_hash(keys[i].view(), keys[i].hash) & (capacity - 1);
        while (seen_[slot] != 0 && !keys[seen_[slot] - 1].equals(keys[i].view(), keys[i].hash)) {
          slot = (slot + 1) & (capacity - 1);
        }
        if (seen_[slot] != 0)
          twin = seen_[slot] - 1;
        else
          seen_[slot] = static_cast<uint32_t>(kept + 1);
      }
      keys[twin] = keys[i];
      values[twin] = values[i];
      if (twin == kept) ++kept;
    }
    keys_.resize(keys_base + kept);
    stack_.resize(base + kept);
  }

  static constexpr size_t kGuesses = 16;

  std::string_view text_;
  Arena& arena_;
  bool exact_;  // whole numbers keep their digits, -0 is 0
  const char* at_;
  const char* end_;
  ParseError error_;
  std::vector<Value> stack_;
  std::vector<Key> keys_;
  std::vector<uint32_t> seen_;
  std::string scratch_;
  const Shape* guesses_[kGuesses] = {};
};

}  // namespace

namespace {

base::Result<Value> without_place(std::expected<Value, ParseError> parsed) {
  if (parsed) return *parsed;
  const ParseError& error = parsed.error();
  return base::fail(
      base::ErrorCode::kInvalidJson,
      fmt::format("{} at line {}, column {}", error.message, error.line, error.column));
}

}  // namespace

std::expected<Value, ParseError> parse_located(std::string_view text, Arena& arena) {
  return Parser(text, arena, false).run();
}

base::Result<Value> parse(std::string_view text, Arena& arena) {
  return without_place(parse_located(text, arena));
}

base::Result<Value> parse_copy(std::string_view text, Arena& arena) {
  return parse(arena.copy(text), arena);
}

base::Result<Value> parse_exact(std::string_view text, Arena& arena) {
  return without_place(Parser(text, arena, true).run());
}

}  // namespace weft::json

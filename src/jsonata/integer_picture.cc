#include "jsonata/integer_picture.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "json/utf8.h"
#include "json/write.h"
#include "jsonata/number_words.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

// The zeros of the decimal digit groups pictures may use.
constexpr char32_t kZeros[] = {0x30,   0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6,
                               0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0,
                               0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
                               0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900,
                               0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

char32_t zero_of(char32_t character) {
  for (const char32_t zero : kZeros) {
    if (character >= zero && character <= zero + 9) return zero;
  }
  return 0;
}

// The distance at which one separator repeats, or 0.
size_t regular_repeat(const std::vector<IntegerPicture::Separator>& separators) {
  if (separators.empty()) return 0;
  size_t factor = 0;
  for (const auto& separator : separators) {
    if (separator.character != separators[0].character) return 0;
    factor = std::gcd(factor, separator.position);
  }
  for (size_t i = 1; i <= separators.size(); ++i) {
    const bool there =
        std::any_of(separators.begin(), separators.end(),
                    [&](const auto& separator) { return separator.position == i * factor; });
    if (!there) return 0;
  }
  return factor;
}

bool set_word_form(std::string_view primary, IntegerPicture& picture) {
  using Primary = IntegerPicture::Primary;
  using Case = IntegerPicture::Case;
  if (primary == "A" || primary == "a") {
    picture.primary = Primary::kLetters;
    picture.letter_case = primary == "A" ? Case::kUpper : Case::kLower;
  } else if (primary == "I" || primary == "i") {
    picture.primary = Primary::kRoman;
    picture.letter_case = primary == "I" ? Case::kUpper : Case::kLower;
  } else if (primary == "W" || primary == "w" || primary == "Ww") {
    picture.primary = Primary::kWords;
    picture.letter_case = primary == "W"   ? Case::kUpper
                          : primary == "w" ? Case::kLower
                                           : Case::kTitle;
  } else {
    return false;
  }
  return true;
}

std::string cased(std::string text, IntegerPicture::Case letter_case) {
  for (char& c : text) {
    if (letter_case == IntegerPicture::Case::kUpper && c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 32);
    if (letter_case == IntegerPicture::Case::kLower && c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + 32);
  }
  return text;
}

}  // namespace

std::optional<IntegerPicture> IntegerPicture::parse(Context& context, std::string_view text) {
  if (!context.may_read_picture(text)) return std::nullopt;
  IntegerPicture picture;
  std::string_view primary = text;
  const size_t semicolon = text.rfind(';');
  if (semicolon != std::string_view::npos) {
    primary = text.substr(0, semicolon);
    picture.ordinal = text.substr(semicolon + 1).starts_with('o');
  }
  if (set_word_form(primary, picture)) return picture;
  std::u32string characters;
  for (size_t at = 0; at < primary.size();) characters += json::decode_utf8(primary, at);
  std::reverse(characters.begin(), characters.end());
  size_t position = 0;
  bool any = false;
  for (const char32_t c : characters) {
    const char32_t zero = zero_of(c);
    if (zero != 0) {
      if (any && zero != picture.zero) {
        context.fail("D3131");
        return std::nullopt;
      }
      picture.zero = zero;
      any = true;
      ++picture.mandatory_digits;
      ++position;
    } else if (c == U'#') {
      ++picture.optional_digits;
      ++position;
    } else {
      std::string character;
      json::append_utf8(c, character);
      picture.separators.push_back({position, character});
    }
  }
  if (!any) {
    picture.primary = Primary::kUnsupported;
    picture.token = primary;
    return picture;
  }
  picture.regular = regular_repeat(picture.separators);
  return picture;
}

std::string IntegerPicture::format(Context& context, double number) const {
  const bool negative = number < 0;
  number = std::fabs(number);
  std::string out;
  switch (primary) {
    case Primary::kLetters:
      out = number_to_letters(number, letter_case == Case::kUpper ? 'A' : 'a');
      break;
    case Primary::kRoman:
      out = cased(number_to_roman(number), letter_case);
      break;
    case Primary::kWords:
      out = cased(number_to_words(number, ordinal), letter_case);
      break;
    case Primary::kUnsupported:
      context.fail_value("D3130", make_string(context, token));
      return {};
    case Primary::kDecimal: {
      if (std::isnan(number)) {
        out = "NaN";
      } else {
        json::write_number(number, out);
      }
      if (out.size() < mandatory_digits) out.insert(0, mandatory_digits - out.size(), '0');
      // One entry a character, so that places are counted in characters.
      std::vector<std::string> characters;
      for (const char c : out) {
        std::string character;
        // The reference moves an exponent's characters as well.
        json::append_utf8(static_cast<char32_t>(static_cast<unsigned char>(c)) + zero - U'0',
                          character);
        characters.push_back(character);
      }
      const auto insert = [&](size_t from_right, const std::string& separator) {
        // A place left of the number counts from its end again, as JavaScript's substr does, and
        // what stands before it is lost.
        const size_t size = characters.size();
        size_t at = size - std::min(size, from_right);
        if (from_right > size) {
          const size_t lost = size - std::min(size, from_right - size);
          characters.erase(characters.begin(),
                           characters.begin() + static_cast<std::ptrdiff_t>(lost));
          at = 0;
        }
        characters.insert(characters.begin() + static_cast<std::ptrdiff_t>(at), separator);
      };
      if (regular > 0) {
        for (size_t n = (characters.size() - 1) / regular; n > 0; --n)
          insert(n * regular, separators[0].character);
      } else {
        for (size_t n = separators.size(); n-- > 0;)
          insert(separators[n].position, separators[n].character);
      }
      const std::string last = out.substr(out.size() - 1);
      const bool teen = out.size() > 1 && out[out.size() - 2] == '1';
      out.clear();
      for (const std::string& character : characters) out += character;
      if (ordinal)
        out += teen ? "th" : last == "1" ? "st" : last == "2" ? "nd" : last == "3" ? "rd" : "th";
      break;
    }
  }
  return negative ? "-" + out : out;
}

std::string IntegerPicture::pattern() const {
  switch (primary) {
    case Primary::kLetters:
      return letter_case == Case::kUpper ? "[A-Z]+" : "[a-z]+";
    case Primary::kRoman:
      return letter_case == Case::kUpper ? "[MDCLXVI]+" : "[mdclxvi]+";
    case Primary::kWords:
      return "(?:" + known_words() + ")+";
    default:
      return (parse_width > 0 ? "[0-9]{" + std::to_string(parse_width) + "}"
                              : std::string("[0-9]+")) +
             (ordinal ? "(?:th|st|nd|rd)" : "");
  }
}

double IntegerPicture::read(Context& context, std::string_view text) const {
  switch (primary) {
    case Primary::kLetters:
      return letters_to_number(text, letter_case == Case::kUpper ? 'A' : 'a');
    case Primary::kRoman:
      return roman_to_number(letter_case == Case::kUpper ? std::string(text)
                                                         : cased(std::string(text), Case::kUpper));
    case Primary::kWords:
      return words_to_number(cased(std::string(text), Case::kLower));
    case Primary::kUnsupported:
      context.fail_value("D3130", make_string(context, token));
      return NAN;
    case Primary::kDecimal:
      break;
  }
  if (ordinal && text.size() >= 2) text.remove_suffix(2);
  std::string digits;
  bool negative = false;
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const char32_t c = json::decode_utf8(text, at);
    const std::string_view character = text.substr(start, at - start);
    if (c >= zero && c <= zero + 9) {
      digits += static_cast<char>('0' + (c - zero));
      continue;
    }
    if (digits.empty() && c == U'-' && !negative) {
      negative = true;
      continue;
    }
    const bool separates =
        regular > 0 ? character == ","
                    : std::any_of(separators.begin(), separators.end(),
                                  [&](const Separator& s) { return s.character == character; });
    if (!separates) break;
  }
  if (digits.empty()) return NAN;
  const double number = std::strtod(digits.c_str(), nullptr);
  return negative ? -number : number;
}

}  // namespace weft::jsonata

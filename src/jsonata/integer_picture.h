#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jsonata/context.h"

namespace weft::jsonata {

// A picture for whole numbers (XPath and XQuery Functions 3.1, 4.6): how $formatInteger,
// $parseInteger and the parts of date pictures print and read them.
struct IntegerPicture {
  enum class Primary { kDecimal, kLetters, kRoman, kWords, kUnsupported };
  enum class Case { kLower, kUpper, kTitle };
  struct Separator {
    size_t position;  // digits to its right
    std::string character;
  };

  Primary primary = Primary::kDecimal;
  Case letter_case = Case::kLower;
  bool ordinal = false;
  char32_t zero = U'0';
  size_t mandatory_digits = 0;
  size_t optional_digits = 0;
  size_t regular = 0;                 // one separator every so many digits; 0: as listed
  std::vector<Separator> separators;  // right to left
  size_t parse_width = 0;             // exact digits when another number follows at once; 0: any
  std::string token;                  // of an unsupported picture

  // nullopt with the context's failure set (D3131).
  static std::optional<IntegerPicture> parse(Context& context, std::string_view text);

  // The number as text; D3130 when the picture is unsupported.
  std::string format(Context& context, double number) const;
  // The text as a number, NaN when unreadable; D3130 when the picture is unsupported.
  double read(Context& context, std::string_view text) const;
  // A regular expression for what read() expects.
  std::string pattern() const;
};

}  // namespace weft::jsonata

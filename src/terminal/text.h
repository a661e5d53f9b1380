#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/digits.h"

// Text for terminals. Names, errors and causes come from users and functions: what could move the
// cursor or reorder the line is made visible.

namespace weft::terminal {

// Control characters (C0, DEL, C1) become \n, \t or \x1b forms, characters that change the writing
// direction \u202e forms, bytes that are no UTF-8 U+FFFD. The one sanitiser in front of everything
// that came from outside.
enum class Tabs : uint8_t { kEscaped, kKept };
std::string printable(std::string_view text, Tabs tabs = Tabs::kEscaped);
// The same on one line: control characters and runs of blanks become one blank first.
std::string single_line(std::string_view text);

// Columns `text` takes, after printable().
size_t display_width(std::string_view text);

// `text` in exactly `width` columns: padded, or cut with an ellipsis. The result is printable.
std::string fit(std::string_view text, size_t width);
// The same without padding.
std::string cut(std::string_view text, size_t width);

// 1234567 as "1,234,567".
using base::grouped;
// `3.7/s`, `1,120/s`; "" for 0.
std::string rate_text(double per_second);
// `count` times `text`.
std::string repeated(std::string_view text, size_t count);

enum class Style : uint8_t { kPlain, kBold, kDim, kGood, kBad, kWarning, kQueue, kColdStart };

// A line in the making, with or without ANSI colours.
class Painter {
 public:
  explicit Painter(bool color) : color_(color) {}
  // `text` must be printable already.
  void put(Style style, std::string_view text);
  void end_line();
  std::string take() { return std::move(out_); }

 private:
  bool color_;
  Style current_ = Style::kPlain;
  std::string out_;
};

}  // namespace weft::terminal

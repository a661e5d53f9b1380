#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Text for terminals. Names, errors and causes come from users and functions: what could move the
// cursor or reorder the line is made visible.

namespace weft::trace {

// Control characters become \n, \t or \x1b forms, characters that change the writing direction
// \u202e forms, bytes that are no UTF-8 U+FFFD.
std::string printable(std::string_view text);

// Columns `text` takes, after printable().
size_t display_width(std::string_view text);

// `text` in exactly `width` columns: padded, or cut with an ellipsis. The result is printable.
std::string fit(std::string_view text, size_t width);
// The same without padding.
std::string cut(std::string_view text, size_t width);

// 1234567 as "1,234,567".
std::string grouped(uint64_t number);

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

}  // namespace weft::trace

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/counted.h"
#include "base/digits.h"

// Text for terminals. Names, errors and causes come from users and functions: what could move the
// cursor or reorder the line is made visible.

namespace weft::terminal {

// Control characters (C0, DEL, C1) become \n, \t or \x1b forms, characters that change the writing
// direction \u202e forms, bytes that are no UTF-8 U+FFFD. The one sanitiser in front of everything
// that came from outside.
enum class Tabs : uint8_t { kEscaped, kKept };
std::string printable(std::string_view text, Tabs tabs = Tabs::kEscaped);
// A JSON text that means the same and moves no cursor: DEL, C1 and direction as \u escapes.
std::string printable_json(std::string_view json);
// printable() line by line, with tabs; ends with a line's end unless it is empty.
std::string printable_lines(std::string_view text);
// printable() on one line: runs of blanks, tabs and line breaks become one blank first.
std::string single_line(std::string_view text);

// Columns `text` takes, after printable().
size_t display_width(std::string_view text);

// The longest beginning, or end, of printable text that fits into `width` columns.
std::string_view first_columns(std::string_view text, size_t width);
std::string_view last_columns(std::string_view text, size_t width);

// A message without what is too large to be read in it: of long words, which quote what somebody
// gave, a beginning and their size.
std::string brief(std::string_view text);

// Two lines about a place in `line`: as much of it as fits into `room` columns behind two blanks,
// and below it carets under the `size` bytes from byte `at` on.
std::string excerpt(std::string_view line, size_t at, size_t size, size_t room);

// Wider than any terminal: what is not shortened at all.
inline constexpr size_t kUnbounded = size_t{1} << 32;

// `text` in at most `width` columns, the rest as an ellipsis at the end. The result is printable.
std::string cut(std::string_view text, size_t width);
// The same with the ellipsis in the middle: names, keys and ARNs tell most at both ends.
std::string cut_middle(std::string_view text, size_t width);
// A payload in a line that nothing cuts, printable: as it is, or what of it can be read at a glance
// and `whole`, which shows all of it ("weft describe x --json").
std::string glance(std::string_view payload, std::string_view whole);
// `text` in exactly `width` columns: padded, or cut.
std::string fit(std::string_view text, size_t width);
// `text`, which is printable already, in lines of at most `width` columns, broken at blanks where
// it has some: `used` columns of the first are taken already, the others begin with `indent`
// blanks. Tabs become blanks. No newline at the end.
std::string wrapped(std::string_view text, size_t width, size_t used, size_t indent);
// `text` of anybody with its line breaks, each line printable and wrapped; those after the first
// begin with `indent` blanks.
std::string lines(std::string_view text, size_t width, size_t used, size_t indent);

// 1234567 as "1,234,567"; "1 child", "2 children".
using base::counted;
using base::grouped;
// 0.123 as "12.3 %"; "<0.1 %" for what would look like none.
std::string percent(double share);
// `3.7/s`, `1,120/s`; "" for 0.
std::string rate_text(double per_second);
// A command to be pasted: where it is wider than `width`, broken before its flags by a backslash.
// `used` columns of its first line are taken already. The result is printable.
std::string command_lines(std::string_view command, size_t width, size_t used);
// `count` times `text`.
std::string repeated(std::string_view text, size_t count);

enum class Style : uint8_t { kPlain, kBold, kDim, kGood, kBad, kWarning, kQueue, kColdStart };
// The ANSI sequence that begins a style; "" for kPlain.
std::string_view ansi_of(Style style);

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

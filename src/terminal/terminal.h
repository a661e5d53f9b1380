#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "terminal/text.h"

namespace weft::terminal {

enum class ColorMode : uint8_t { kAuto, kAlways, kNever };

// What the stream `out` can show. A plain value.
struct Terminal {
  bool interactive = false;  // someone looks at it: redrawing in place makes sense
  bool color = false;
  bool cuts = false;  // it is a terminal: what is wider is cut or wrapped, in a pipe never
  int width = 80;     // columns; those of a drawing in a pipe, too

  // Asks the system about `stream`. The width is the terminal's, else that of COLUMNS. Honours
  // NO_COLOR and TERM=dumb.
  static Terminal of(std::FILE* stream, ColorMode mode = ColorMode::kAuto);

  // Columns that a line of text may take.
  size_t room() const { return cuts ? static_cast<size_t>(width) : kUnbounded; }
  // The same of prose, which is broken into lines in a pipe, too.
  size_t prose_room() const { return static_cast<size_t>(width); }

  // All of them take text that is printable() already.
  std::string paint(Style style, std::string_view text) const;
  std::string bold(std::string_view text) const { return paint(Style::kBold, text); }
  std::string dim(std::string_view text) const { return paint(Style::kDim, text); }
  std::string red(std::string_view text) const { return paint(Style::kBad, text); }
  std::string green(std::string_view text) const { return paint(Style::kGood, text); }
  std::string yellow(std::string_view text) const { return paint(Style::kWarning, text); }
  // Green, red or yellow by what the status of an execution or Map Run means.
  std::string status(std::string_view name) const { return paint(style_of_status(name), name); }
  static Style style_of_status(std::string_view name);
};

// Prints a sentence, which may hold anybody's text, to `stream`: on one line, or on as many as a
// terminal needs.
void say(std::FILE* stream, std::string_view sentence);

// Prints a JSON text and a newline to standard output. What could drive a terminal, now or when the
// text is looked at later, is escaped as JSON has it: the text means the same.
void print_json(std::string_view json);

}  // namespace weft::terminal

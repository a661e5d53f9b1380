#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace weft::cli {

enum class ColorMode : uint8_t { kAuto, kAlways, kNever };

// What the stream `out` can show. A plain value.
struct Terminal {
  bool interactive = false;  // someone looks at it: redrawing in place makes sense
  bool color = false;
  int width = 80;  // columns

  // Asks the system about `stream`. Honours NO_COLOR and TERM=dumb.
  static Terminal of(std::FILE* stream, ColorMode mode = ColorMode::kAuto);

  std::string bold(std::string_view text) const { return style("1", text); }
  std::string dim(std::string_view text) const { return style("2", text); }
  std::string red(std::string_view text) const { return style("31", text); }
  std::string green(std::string_view text) const { return style("32", text); }
  std::string yellow(std::string_view text) const { return style("33", text); }
  // Green, red or yellow by what the status of an execution or Map Run means.
  std::string status(std::string_view name) const;

 private:
  std::string style(std::string_view code, std::string_view text) const;
};

// `1,234,567`.
std::string grouped(uint64_t number);
// `3.7/s`, `120/s`; "" for 0.
std::string rate_text(double per_second);
// Columns a text takes (one a character); colours must not be in it.
size_t display_width(std::string_view text);
// Cut at the end (`...`) or filled with blanks to exactly `width` columns; only cut by fit().
std::string fit(std::string_view text, size_t width);
std::string padded(std::string_view text, size_t width);
// `count` times `text`.
std::string repeated(std::string_view text, size_t count);
// One block character a value, from ▁ (some) to █ (the largest); blank for 0.
std::string strip(const std::vector<uint64_t>& values);
// Without what moves the cursor or changes colours: control characters but tabs become "?".
std::string printable(std::string_view text);
// On one line: control characters and runs of blanks become one blank.
std::string single_line(std::string_view text);

}  // namespace weft::cli

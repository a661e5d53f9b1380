#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace weft::terminal {

enum class ColorMode : uint8_t { kAuto, kAlways, kNever };

// What the stream `out` can show. A plain value.
struct Terminal {
  bool interactive = false;  // someone looks at it: redrawing in place makes sense
  bool color = false;
  int width = 80;  // columns

  // Asks the system about `stream`. Honours NO_COLOR and TERM=dumb.
  static Terminal of(std::FILE* stream, ColorMode mode = ColorMode::kAuto);

  // All of them take text that is printable() already.
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

}  // namespace weft::terminal

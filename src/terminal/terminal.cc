#include "terminal/terminal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weft::terminal {
namespace {

// Less is taken for this: nothing can be laid out in ten columns.
constexpr int kColumnsMin = 20;
constexpr int kColumnsMax = 500;

// The columns that the system knows of `fd`, else those of COLUMNS; 0: nobody says.
int known_columns(int fd) {
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* text = std::getenv("COLUMNS");
  int columns = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), columns);
  return columns;
}

}  // namespace

Terminal Terminal::of(std::FILE* stream, ColorMode mode) {
  Terminal terminal;
  const int fd = fileno(stream);
  const char* name = std::getenv("TERM");
  const bool dumb = name != nullptr && std::string_view(name) == "dumb";
  const char* no_color = std::getenv("NO_COLOR");
  terminal.cuts = isatty(fd) == 1;
  terminal.interactive = terminal.cuts && !dumb;
  terminal.color =
      mode == ColorMode::kAlways || (mode == ColorMode::kAuto && terminal.interactive &&
                                     (no_color == nullptr || *no_color == '\0'));
  if (const int columns = known_columns(fd); columns > 0)
    terminal.width = std::clamp(columns, kColumnsMin, kColumnsMax);
  return terminal;
}

std::string Terminal::paint(Style style, std::string_view text) const {
  if (!color || style == Style::kPlain || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", ansi_of(style), text);
}

Style Terminal::style_of_status(std::string_view name) {
  if (name == "SUCCEEDED") return Style::kGood;
  if (name == "RUNNING" || name == "PENDING_REDRIVE") return Style::kPlain;
  return name == "ABORTED" ? Style::kWarning : Style::kBad;
}

void say(std::FILE* stream, std::string_view sentence) {
  const std::string text = single_line(brief(sentence));
  fmt::print(stream, "{}\n", wrapped(text, Terminal::of(stream).room(), 0, 2));
}

void print_json(std::string_view json) { fmt::print("{}\n", printable_json(json)); }

}  // namespace weft::terminal

#include "terminal/terminal.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weft::terminal {
namespace {

constexpr int kWidthMax = 160;

}  // namespace

Terminal Terminal::of(std::FILE* stream, ColorMode mode) {
  Terminal terminal;
  const int fd = fileno(stream);
  const char* name = std::getenv("TERM");
  const bool dumb = name != nullptr && std::string_view(name) == "dumb";
  const char* no_color = std::getenv("NO_COLOR");
  terminal.interactive = isatty(fd) == 1 && !dumb;
  terminal.color =
      mode == ColorMode::kAlways || (mode == ColorMode::kAuto && terminal.interactive &&
                                     (no_color == nullptr || *no_color == '\0'));
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    terminal.width = std::min<int>(size.ws_col, kWidthMax);
  return terminal;
}

std::string Terminal::status(std::string_view name) const {
  if (name == "SUCCEEDED") return green(name);
  if (name == "RUNNING" || name == "PENDING_REDRIVE") return std::string(name);
  return name == "ABORTED" ? yellow(name) : red(name);
}

std::string Terminal::style(std::string_view code, std::string_view text) const {
  return color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

}  // namespace weft::terminal

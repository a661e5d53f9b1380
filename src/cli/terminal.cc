#include "cli/terminal.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weft::cli {
namespace {

constexpr int kWidthMax = 160;

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

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

std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string rate_text(double per_second) {
  if (per_second <= 0) return "";
  if (per_second < 10) return fmt::format("{:.1f}/s", per_second);
  return grouped(static_cast<uint64_t>(per_second + 0.5)) + "/s";
}

size_t display_width(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, starts_character));
}

std::string fit(std::string_view text, size_t width) {
  if (display_width(text) <= width) return std::string(text);
  const size_t kept = width > 3 ? width - 3 : width;
  size_t bytes = 0;
  for (size_t seen = 0; bytes < text.size(); ++bytes) {
    if (starts_character(text[bytes]) && seen++ == kept) break;
  }
  return std::string(text.substr(0, bytes)) + (width > 3 ? "..." : "");
}

std::string padded(std::string_view text, size_t width) {
  std::string result = fit(text, width);
  return result + std::string(width - display_width(result), ' ');
}

std::string repeated(std::string_view text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += text;
  return result;
}

std::string strip(const std::vector<uint64_t>& values) {
  static constexpr std::string_view kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const uint64_t top = values.empty() ? 0 : std::ranges::max(values);
  std::string result;
  for (uint64_t value : values) {
    result += value == 0 ? " " : kBlocks[(value * 8 - 1) / std::max<uint64_t>(top, 1)];
  }
  return result;
}

std::string printable(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7F') c = '?';
  }
  return result;
}

std::string single_line(std::string_view text) {
  std::string result;
  for (char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7F';
    if (!blank) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}

}  // namespace weft::cli

#include "cli/trace_follow.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/follow.h"

namespace weft::cli {
namespace {

constexpr std::string_view kEnterScreen = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeaveScreen = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";

size_t screen_rows() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1;
  return known ? size.ws_row : 24;
}

// Leaves the second screen however following ends.
class Screen {
 public:
  explicit Screen(bool interactive) : interactive_(interactive) {
    if (interactive_) fmt::print("{}", kEnterScreen);
  }
  ~Screen() {
    if (interactive_) fmt::print("{}", kLeaveScreen);
    std::fflush(stdout);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void show(const Frame& frame) {
    if (interactive_) {
      fmt::print("{}", screen_text(frame.text, screen_rows()));
      std::fflush(stdout);
    } else if (frame.running && frame.note != last_note_) {
      last_note_ = frame.note;
      fmt::print(stderr, "{}\n", frame.note);
    }
  }

 private:
  bool interactive_;
  std::string last_note_;
};

}  // namespace

std::string screen_text(const std::string& text, size_t rows) {
  std::string out(kHome);
  size_t at = 0;
  for (size_t row = 0; row < rows && at < text.size(); ++row) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (row > 0) out += "\r\n";
    if (row + 1 == rows && end + 1 < text.size()) {
      out += "... more below: make the window higher";
    } else {
      out += text.substr(at, end - at);
    }
    out += kClearLine;
    at = end + 1;
  }
  return out += kClearBelow;
}

base::Result<Frame> follow_frames(const DataFlags& flags, const terminal::Terminal& screen,
                                  const DrawFrame& draw) {
  Screen shown(screen.interactive);
  Frame last;
  auto followed = follow(flags, [&](const DataDirectory& data) -> base::Result<bool> {
    auto frame = draw(*data.query);
    if (!frame) return std::unexpected(frame.error());
    last = std::move(*frame);
    shown.show(last);
    return last.running;
  });
  if (!followed) return std::unexpected(followed.error());
  return last;
}

}  // namespace weft::cli

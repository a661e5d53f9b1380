#include "cli/trace_follow.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/data_directory.h"
#include "server/interrupts.h"

namespace weft::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPause{500};
constexpr milliseconds kLookForInterrupt{50};
constexpr int kWorkShare = 3;  // at most a third of the time goes into drawing

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

base::Result<Frame> follow(const DataFlags& flags, const terminal::Terminal& screen,
                           const DrawFrame& draw) {
  server::Interrupts::install();
  Screen shown(screen.interactive);
  while (true) {
    const auto start = steady_clock::now();
    auto data = open_data(flags);
    if (!data) return std::unexpected(data.error());
    auto frame = draw(*data->query);
    if (!frame) return frame;
    shown.show(*frame);
    const auto work = steady_clock::now() - start;
    const auto next =
        steady_clock::now() + std::max<steady_clock::duration>(kPause, work * (kWorkShare - 1));
    while (frame->running && server::Interrupts::count() == 0 && steady_clock::now() < next) {
      std::this_thread::sleep_for(kLookForInterrupt);
    }
    if (!frame->running || server::Interrupts::count() > 0) return frame;
  }
}

}  // namespace weft::cli

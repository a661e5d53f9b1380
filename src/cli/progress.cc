#include "cli/progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/time.h"

namespace weft::cli {
namespace {

constexpr SteadyMs kRateWindowMs = 8'000;
constexpr SteadyMs kPlainPauseMs = 5'000;
constexpr size_t kBarMin = 10;
constexpr size_t kBarMax = 40;
constexpr size_t kNameMax = 28;

uint64_t failed_of(const history::MapRunCounts& counts) {
  return counts.failed + counts.timed_out + counts.aborted;
}
uint64_t done_of(const history::MapRunCounts& counts) { return counts.finished(); }

// "612 of 1,000": with a plus while the source still yields items. Before the first of them a large
// file is read as a whole, which takes its time.
std::string done_text(const running::MapRunProgress& run) {
  if (run.reading && run.items.total == 0) return "opening its source of items";
  return fmt::format("{} of {}{}", terminal::grouped(done_of(run.items)),
                     terminal::grouped(run.items.total), run.reading ? "+" : "");
}

std::string eta_text(const running::MapRunProgress& run, double rate) {
  const uint64_t left = run.items.total - std::min(run.items.total, done_of(run.items));
  if (rate <= 0 || run.reading || left == 0) return "";
  const auto seconds = static_cast<int64_t>(static_cast<double>(left) / rate + 1);
  if (seconds < 60) return fmt::format("{} s left", seconds);
  return base::format_duration_us(seconds * 1'000'000) + " left";
}

std::string bar(const running::MapRunProgress& run, size_t width,
                const terminal::Terminal& terminal) {
  static constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const uint64_t total = std::max<uint64_t>(run.items.total, 1);
  const auto eighths =
      static_cast<size_t>(std::min<uint64_t>(done_of(run.items), total) * (width * 8) / total);
  const std::string full =
      terminal::repeated("█", eighths / 8) + std::string(kEighths[eighths % 8]);
  const size_t rest = width - eighths / 8 - (eighths % 8 == 0 ? 0 : 1);
  return terminal.green(full) + terminal.dim(terminal::repeated("░", rest));
}

}  // namespace

void RateMeter::add(SteadyMs now, uint64_t done) {
  samples_.push_back({now, done});
  while (samples_.size() > 2 && now - samples_.front().at > kRateWindowMs) samples_.pop_front();
}

double RateMeter::per_second() const {
  if (samples_.size() < 2) return 0;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  if (last.at <= first.at || last.done < first.done) return 0;
  return static_cast<double>(last.done - first.done) * 1000.0 /
         static_cast<double>(last.at - first.at);
}

std::string progress_line(const running::MapRunProgress& run, double rate,
                          const terminal::Terminal& terminal) {
  std::string tail = done_text(run);
  std::string colored = tail;
  const auto add = [&](const std::string& text, const std::string& shown) {
    if (text.empty()) return;
    tail += "   " + text;
    colored += "   " + shown;
  };
  const std::string running = fmt::format("{} running", terminal::grouped(run.items.running));
  const std::string failed =
      failed_of(run.items) > 0 ? terminal::grouped(failed_of(run.items)) + " failed" : "";
  add(running, terminal.dim(running));
  add(failed, terminal.red(failed));
  add(terminal::rate_text(rate), terminal.dim(terminal::rate_text(rate)));
  const std::string eta = eta_text(run, rate);
  add(eta, terminal.dim(eta));

  // Name, bar and figures with two blanks between; the bar takes what is left, then the name
  // shrinks.
  const size_t width = static_cast<size_t>(std::max(terminal.width, 20)) - 1;
  std::string name = terminal::cut_middle(terminal::single_line(run.state_name), kNameMax);
  const size_t used = terminal::display_width(name) + terminal::display_width(tail) + 6;
  if (used + kBarMin > width) return "  " + terminal::cut(name + "  " + tail, width - 2);
  const size_t bar_width = std::min(width - used, kBarMax);
  return fmt::format("  {}  {}  {}", terminal.bold(name), bar(run, bar_width, terminal), colored);
}

std::string plain_progress(const running::MapRunProgress& run, double rate) {
  std::string text = fmt::format(
      "{}: {}, {} running, {} failed", terminal::single_line(run.state_name), done_text(run),
      terminal::grouped(run.items.running), terminal::grouped(failed_of(run.items)));
  if (const std::string speed = terminal::rate_text(rate); !speed.empty()) text += ", " + speed;
  if (const std::string eta = eta_text(run, rate); !eta.empty()) text += ", " + eta;
  return text;
}

void ProgressView::update(SteadyMs now, int64_t elapsed_ms,
                          const std::vector<running::MapRunProgress>& runs) {
  for (const running::MapRunProgress& run : runs) meters_[run.number].add(now, done_of(run.items));
  if (terminal_.interactive) {
    std::vector<std::string> lines;
    for (const running::MapRunProgress& run : runs) {
      lines.push_back(progress_line(run, meters_[run.number].per_second(), terminal_));
    }
    if (lines.empty())
      lines.push_back(
          terminal_.dim("  running, " + base::format_duration_us(elapsed_ms / 1000 * 1'000'000)));
    return redraw(lines);
  }
  if (plain_started_ && now - plain_at_ < kPlainPauseMs) return;
  plain_at_ = now;
  if (!std::exchange(plain_started_, true)) return;  // the first moment says nothing yet
  for (const running::MapRunProgress& run : runs) {
    fmt::print(out_, "{}\n", plain_progress(run, meters_[run.number].per_second()));
  }
  std::fflush(out_);
}

void ProgressView::clear() {
  if (terminal_.interactive) redraw({});
}

void ProgressView::redraw(const std::vector<std::string>& lines) {
  std::string text;
  if (drawn_ > 0) text += fmt::format("\x1b[{}A", drawn_);
  for (const std::string& line : lines) text += "\r\x1b[2K" + line + "\n";
  // Lines left over from a longer picture, and back to below the last one.
  text += "\r\x1b[J";
  drawn_ = lines.size();
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

}  // namespace weft::cli

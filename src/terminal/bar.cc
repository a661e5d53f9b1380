#include "terminal/bar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace weft::terminal {
namespace {

constexpr std::array<std::string_view, 5> kGlyphs = {"━", "░", "▒", "█", "┈"};
constexpr size_t kStretches = kGlyphs.size();
constexpr std::array<std::string_view, 8> kHeights = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> kWidths = {"▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

// How much of one cell each stretch fills, 0..1.
struct BarCell {
  std::array<double, kStretches> filled{};
  bool starts = false;  // something begins inside the cell
  bool failed = false;

  double total() const { return std::accumulate(filled.begin(), filled.end(), 0.0); }
};

Style style_of(Stretch stretch, bool failed) {
  if (failed) return Style::kBad;
  switch (stretch) {
    case Stretch::kQueue:
      return Style::kQueue;
    case Stretch::kColdStart:
      return Style::kColdStart;
    case Stretch::kRun:
      return Style::kGood;
    default:
      return Style::kDim;
  }
}

void fill(const TimeScale& scale, const Piece& piece, std::vector<BarCell>& cells) {
  double limit = static_cast<double>(scale.cells);
  double begin = std::clamp(scale.at(piece.start_us), 0.0, limit - 0.001);
  double end = std::clamp(scale.at(piece.end_us), begin, limit);
  auto stretch = static_cast<size_t>(piece.stretch);
  for (auto i = static_cast<size_t>(begin);
       i < scale.cells && static_cast<double>(i) < std::max(end, begin + 0.001); ++i) {
    double left = std::max(begin, static_cast<double>(i));
    double right = std::min(end, static_cast<double>(i + 1));
    double share = std::max(right - left, 0.01);
    for (double& other : cells[i].filled) other = std::min(other, std::max(0.0, 1 - share));
    cells[i].filled[stretch] = std::max(cells[i].filled[stretch], share);
    cells[i].starts |= left - static_cast<double>(i) > 0.1;
    cells[i].failed |=
        piece.failed && piece.stretch != Stretch::kQueue && piece.stretch != Stretch::kColdStart;
  }
}

// A tick's length for a label every eight columns or more: 1, 2 or 5 times a power of ten
// microseconds, or of a minute.
int64_t tick_of(const TimeScale& scale) {
  double wanted =
      static_cast<double>(scale.length_us) / std::max(1.0, static_cast<double>(scale.cells) / 8);
  for (int64_t unit = 1; unit <= 10'000'000; unit *= 10) {
    for (int64_t step : {1, 2, 5}) {
      if (static_cast<double>(unit * step) >= wanted && unit * step <= 30'000'000)
        return unit * step;
    }
  }
  constexpr int64_t kMinute = 60'000'000;
  for (int64_t minutes : {1, 2, 5, 10, 30, 60, 120, 360, 720, 1'440}) {
    if (static_cast<double>(minutes * kMinute) >= wanted) return minutes * kMinute;
  }
  return 1'440 * kMinute *
         std::max<int64_t>(1, static_cast<int64_t>(wanted / (1'440.0 * kMinute)) + 1);
}

std::string tick_label(int64_t time_us, int64_t tick_us, int64_t length_us) {
  if (tick_us >= 3'600'000'000) return fmt::format("{} h", time_us / 3'600'000'000);
  if (tick_us >= 60'000'000) return fmt::format("{} m", time_us / 60'000'000);
  if (tick_us >= 1'000'000) return fmt::format("{} s", time_us / 1'000'000);
  if (tick_us >= 100'000 && length_us > 1'000'000) {
    return time_us == 0 ? "0 s" : fmt::format("{:.1f} s", static_cast<double>(time_us) / 1e6);
  }
  if (tick_us >= 1'000) return fmt::format("{} ms", time_us / 1'000);
  return fmt::format("{} us", time_us);
}

}  // namespace

std::string axis(const TimeScale& scale) {
  std::string out;
  int64_t tick = tick_of(scale);
  for (int64_t time = 0; time < scale.length_us; time += tick) {
    auto column = static_cast<size_t>(std::lround(scale.at(scale.start_us + time)));
    std::string label = tick_label(time, tick, scale.length_us);
    if (column < out.size() + (out.empty() ? 0 : 1) || column + label.size() > scale.cells)
      continue;
    out.append(column - out.size(), ' ');
    out += label;
  }
  out.resize(std::max(out.size(), scale.cells), ' ');
  return out;
}

std::string_view glyph_of(Stretch stretch) { return kGlyphs[static_cast<size_t>(stretch)]; }

void draw_bar(const TimeScale& scale, std::span<const Piece> pieces, Painter& painter) {
  std::vector<BarCell> cells(scale.cells);
  for (const Piece& piece : pieces) fill(scale, piece, cells);
  for (const BarCell& cell : cells) {
    auto most = std::max_element(cell.filled.begin(), cell.filled.end());
    auto stretch = static_cast<Stretch>(most - cell.filled.begin());
    double total = cell.total();
    // Blocks that are filled in part grow from the left: right for what ends here and for the very
    // short.
    bool short_stretch = total < 0.15;
    bool end_of_run = stretch == Stretch::kRun && total < 0.95 && !cell.starts;
    if (total == 0) {
      painter.put(Style::kPlain, " ");
    } else if (short_stretch || end_of_run) {
      auto eighths = static_cast<size_t>(std::clamp(std::lround(total * 8), 1L, 8L));
      painter.put(style_of(stretch, cell.failed), kWidths[eighths - 1]);
    } else {
      painter.put(style_of(stretch, cell.failed), glyph_of(stretch));
    }
  }
}

std::string draw_strip(std::span<const double> values) {
  double most = 0;
  for (double value : values) most = std::max(most, value);
  std::string out;
  for (double value : values) {
    if (value <= 0) {
      out += ' ';
      continue;
    }
    auto height =
        static_cast<size_t>(std::ceil(value / most * static_cast<double>(kHeights.size())));
    out += kHeights[std::clamp<size_t>(height, 1, kHeights.size()) - 1];
  }
  return out;
}

std::string draw_strip(std::span<const uint64_t> values) {
  std::vector<double> heights;
  for (const uint64_t value : values) heights.push_back(static_cast<double>(value));
  return draw_strip(heights);
}

}  // namespace weft::terminal

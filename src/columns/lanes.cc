#include "columns/lanes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace weft::columns {
namespace {

// A child ends no earlier than a microsecond after its start, so that it is seen.
int64_t end_of(const Columns& columns, uint32_t row) {
  return std::max(columns.end(row), columns.start[row] + 1);
}

bool touches(const Columns& columns, uint32_t row, const LaneWindow& window) {
  return columns.lane[row] >= window.first_lane && columns.lane[row] < window.end_lane &&
         columns.start[row] < window.time.to && end_of(columns, row) > window.time.from;
}

struct Cell {
  uint32_t children = 0;
  uint32_t failed = 0;
  double sum = 0;  // of what the colour is about
};

// 1 to 5 by the bounds; a value at a bound belongs to the lower one.
char step(double value, const std::array<double, 4>& bounds) {
  return static_cast<char>('1' + (std::ranges::lower_bound(bounds, value) - bounds.begin()));
}

char character_of(const Cell& cell, LaneColor color, double typical) {
  if (cell.children == 0) return '0';
  const double children = cell.children;
  if (cell.failed > 0) {
    constexpr std::array<double, 3> kShares = {0.05, 0.25, 0.75};
    const double share = cell.failed / children;
    return static_cast<char>('6' + (std::ranges::lower_bound(kShares, share) - kShares.begin()));
  }
  if (color == LaneColor::kDuration) {
    return step(cell.sum / children / typical, {1, 1.5, 2.5, 5});
  }
  const double share = color == LaneColor::kStatus ? std::min(1.0, cell.sum) : cell.sum / children;
  return step(share, {0.2, 0.4, 0.6, 0.8});
}

// The window cut into equal cells.
struct Grid {
  LaneWindow window;
  uint32_t width;
  uint32_t height;

  double cell_us() const { return static_cast<double>(window.time.to - window.time.from) / width; }
  uint32_t column_of(int64_t us) const {
    const double at = static_cast<double>(us - window.time.from) / cell_us();
    return static_cast<uint32_t>(std::clamp(at, 0.0, width - 1.0));
  }
  uint32_t row_of(uint32_t lane) const {
    const uint64_t lanes = window.end_lane - window.first_lane;
    return static_cast<uint32_t>(uint64_t{lane - window.first_lane} * height / lanes);
  }
};

// How much of column `x` the stretch from `start` to `end` covers.
double overlap(const Grid& grid, uint32_t x, int64_t start, int64_t end) {
  const double from = static_cast<double>(grid.window.time.from) + x * grid.cell_us();
  const double to = from + grid.cell_us();
  return (std::min(to, static_cast<double>(end)) - std::max(from, static_cast<double>(start))) /
         grid.cell_us();
}

}  // namespace

Rows in_window(const Columns& columns, const Rows& rows, const LaneWindow& window) {
  Rows found;
  std::ranges::copy_if(rows, std::back_inserter(found),
                       [&](uint32_t row) { return touches(columns, row, window); });
  return found;
}

base::Result<LaneColor> parse_lane_color(std::string_view text) {
  constexpr std::array kNames = {
      std::pair{"duration", LaneColor::kDuration}, std::pair{"status", LaneColor::kStatus},
      std::pair{"retry", LaneColor::kRetry}, std::pair{"cold", LaneColor::kCold}};
  for (const auto& [name, color] : kNames) {
    if (text == name) return color;
  }
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("color={}: expected duration, status, retry or cold", text));
}

std::string lane_cells(const Columns& columns, const Rows& rows, const LaneWindow& window,
                       uint32_t width, uint32_t height, LaneColor color, int64_t typical_us) {
  std::vector<Cell> cells(size_t{width} * height);
  const Grid grid{window, width, height};
  // Lanes that share a row of cells share what they fill of it.
  const double lanes_a_row =
      std::max(1.0, static_cast<double>(window.end_lane - window.first_lane) / height);
  for (const uint32_t row : rows) {
    if (!touches(columns, row, window)) continue;
    const int64_t start = columns.start[row];
    const int64_t end = end_of(columns, row);
    const uint32_t last = grid.column_of(end - 1);
    // Where there are fewer lanes than rows, a lane has several.
    const uint32_t lane = columns.lane[row];
    const uint32_t top = grid.row_of(lane);
    const uint32_t bottom = lane + 1 >= window.end_lane ? height : grid.row_of(lane + 1);
    for (uint32_t y = top; y < std::max(bottom, top + 1); ++y) {
      for (uint32_t x = grid.column_of(start); x <= last; ++x) {
        Cell& cell = cells[size_t{y} * width + x];
        ++cell.children;
        cell.failed += columns.failed(row) ? 1 : 0;
        switch (color) {
          case LaneColor::kDuration:
            cell.sum += static_cast<double>(columns.duration[row]);
            break;
          case LaneColor::kStatus:
            cell.sum += overlap(grid, x, start, end) / lanes_a_row;
            break;
          case LaneColor::kRetry:
            cell.sum += columns.retries[row] > 0 ? 1 : 0;
            break;
          case LaneColor::kCold:
            cell.sum += columns.cold[row] > 0 ? 1 : 0;
        }
      }
    }
  }
  std::string text(cells.size(), '0');
  const auto typical = static_cast<double>(std::max<int64_t>(1, typical_us));
  std::ranges::transform(cells, text.begin(),
                         [&](const Cell& cell) { return character_of(cell, color, typical); });
  return text;
}

}  // namespace weft::columns

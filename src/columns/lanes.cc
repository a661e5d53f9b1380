#include "columns/lanes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "columns/batches.h"

namespace weft::columns {
namespace {

// The rows of a batch that touch a window.
class Touching {
 public:
  Touching(const Columns& columns, const LaneWindow& window) : columns_(columns), window_(window) {}

  void read(const Batch& batch) {
    times_.read(columns_, batch);
    batch.read(columns_.lane, lane_);
    // A child ends no earlier than a microsecond after its start, so that it is seen.
    for (size_t i = 0; i < batch.size(); ++i)
      times_.end[i] = std::max(times_.end[i], times_.start[i] + 1);
  }
  bool touches(size_t i) const {
    return lane_[i] >= window_.first_lane && lane_[i] < window_.end_lane &&
           times_.start[i] < window_.time.to && times_.end[i] > window_.time.from;
  }
  int64_t start(size_t i) const { return times_.start[i]; }
  int64_t end(size_t i) const { return times_.end[i]; }
  int64_t duration(size_t i) const { return times_.duration[i]; }
  uint32_t lane(size_t i) const { return lane_[i]; }

 private:
  const Columns& columns_;
  LaneWindow window_;
  Times times_;
  Values<uint32_t> lane_;
};

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
  double cell_us;
  // Row of cells of the first lanes of the window: a division for each lane, not for each child.
  std::vector<uint32_t> rows_of_lanes;

  Grid(const LaneWindow& part, uint32_t columns, uint32_t rows)
      : window(part),
        width(columns),
        height(rows),
        cell_us(static_cast<double>(part.time.to - part.time.from) / columns) {
    constexpr uint32_t kLanes = 1u << 16;
    const uint32_t lanes = std::min(kLanes, window.end_lane - window.first_lane);
    for (uint32_t i = 0; i < lanes; ++i) rows_of_lanes.push_back(divided(window.first_lane + i));
  }
  uint32_t column_of(int64_t us) const {
    const double at = static_cast<double>(us - window.time.from) / cell_us;
    return static_cast<uint32_t>(std::clamp(at, 0.0, width - 1.0));
  }
  uint32_t row_of(uint32_t lane) const {
    const uint32_t at = lane - window.first_lane;
    return at < rows_of_lanes.size() ? rows_of_lanes.data()[at] : divided(lane);
  }

 private:
  uint32_t divided(uint32_t lane) const {
    const uint64_t lanes = window.end_lane - window.first_lane;
    return static_cast<uint32_t>(uint64_t{lane - window.first_lane} * height / lanes);
  }
};

// How much of column `x` the stretch from `start` to `end` covers.
double overlap(const Grid& grid, uint32_t x, int64_t start, int64_t end) {
  const double from = static_cast<double>(grid.window.time.from) + x * grid.cell_us;
  const double to = from + grid.cell_us;
  return (std::min(to, static_cast<double>(end)) - std::max(from, static_cast<double>(start))) /
         grid.cell_us;
}

// Adds to `cell` a child that failed or not, and of which the colour is about `amount`.
void add(Cell& cell, bool failed, double amount) {
  ++cell.children;
  cell.failed += failed ? 1 : 0;
  cell.sum += amount;
}

}  // namespace

Rows in_window(const Columns& columns, RowSpan rows, const LaneWindow& window) {
  Rows found;
  Touching children(columns, window);
  each_batch(rows, [&](const Batch& batch) {
    children.read(batch);
    for (size_t i = 0; i < batch.size(); ++i)
      if (children.touches(i)) found.push_back(batch.row(i));
  });
  return found;
}

size_t count_in_window(const Columns& columns, RowSpan rows, const LaneWindow& window) {
  // The columns know whether the window holds all children there are.
  const Range all = extent(columns, all_rows(columns));
  const Bounds<uint32_t> lanes = columns.lane.bounds();
  if (window.time.from <= all.from && window.time.to >= all.to &&
      window.first_lane <= lanes.least && window.end_lane > lanes.most) {
    return rows.size();
  }
  size_t count = 0;
  Touching children(columns, window);
  each_batch(rows, [&](const Batch& batch) {
    children.read(batch);
    for (size_t i = 0; i < batch.size(); ++i) count += children.touches(i) ? 1 : 0;
  });
  return count;
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

namespace {

// Adds the rows at [from, to) of `rows` to cells.
void fill_cells(const Columns& columns, RowSpan rows, size_t from, size_t to, const Grid& grid,
                LaneColor color, std::vector<Cell>& cells) {
  const LaneWindow& window = grid.window;
  // Lanes that share a row of cells share what they fill of it.
  const double lanes_a_row =
      std::max(1.0, static_cast<double>(window.end_lane - window.first_lane) / grid.height);
  Touching children(columns, window);
  Failed failed;
  Values<uint16_t> retries;
  Values<uint32_t> cold;
  each_batch(rows, from, to, [&](const Batch& batch) {
    children.read(batch);
    failed.read(columns, batch);
    if (color == LaneColor::kRetry) batch.read(columns.retries, retries);
    if (color == LaneColor::kCold) batch.read(columns.cold, cold);
    for (size_t i = 0; i < batch.size(); ++i) {
      if (!children.touches(i)) continue;
      const int64_t start = children.start(i);
      const int64_t end = children.end(i);
      const uint32_t first = grid.column_of(start);
      const uint32_t last = grid.column_of(end - 1);
      // Where there are fewer lanes than rows, a lane has several.
      const uint32_t lane = children.lane(i);
      const uint32_t top = grid.row_of(lane);
      const uint32_t bottom = lane + 1 >= window.end_lane ? grid.height : grid.row_of(lane + 1);
      double amount = static_cast<double>(children.duration(i));
      if (color == LaneColor::kRetry) amount = retries[i] > 0 ? 1 : 0;
      if (color == LaneColor::kCold) amount = cold[i] > 0 ? 1 : 0;
      for (uint32_t y = top; y < std::max(bottom, top + 1); ++y) {
        Cell* const of_row = cells.data() + size_t{y} * grid.width;
        for (uint32_t x = first; x <= last; ++x) {
          if (color == LaneColor::kStatus) amount = overlap(grid, x, start, end) / lanes_a_row;
          add(of_row[x], failed[i], amount);
        }
      }
    }
  });
}

}  // namespace

std::string lane_cells(const Columns& columns, RowSpan rows, const LaneWindow& window,
                       uint32_t width, uint32_t height, LaneColor color, int64_t typical_us,
                       Together* together) {
  const Grid grid(window, width, height);
  using Cells = std::vector<Cell>;
  auto parts = each_part(rows, together, Cells(size_t{width} * height),
                         [&](size_t from, size_t to, Cells& cells) {
                           fill_cells(columns, rows, from, to, grid, color, cells);
                         });
  Cells& cells = parts.front();
  for (size_t part = 1; part < parts.size(); ++part) {
    for (size_t i = 0; i < cells.size(); ++i) {
      cells[i].children += parts[part][i].children;
      cells[i].failed += parts[part][i].failed;
      cells[i].sum += parts[part][i].sum;
    }
  }
  std::string text(cells.size(), '0');
  const auto typical = static_cast<double>(std::max<int64_t>(1, typical_us));
  std::ranges::transform(cells, text.begin(),
                         [&](const Cell& cell) { return character_of(cell, color, typical); });
  return text;
}

}  // namespace weft::columns

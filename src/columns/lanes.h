#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "columns/columns.h"
#include "columns/together.h"

namespace weft::columns {

// A part of the plane that children lie in: time to the right, lanes downwards. Ends excluded.
struct LaneWindow {
  Range time;
  uint32_t first_lane = 0;
  uint32_t end_lane = 0;
};

// The rows that touch the window, in order; and how many do.
Rows in_window(const Columns& columns, RowSpan rows, const LaneWindow& window);
size_t count_in_window(const Columns& columns, RowSpan rows, const LaneWindow& window);

// What the cells of a picture show of the children that overlap them.
enum class LaneColor : uint8_t {
  kDuration,  // their mean duration, as a multiple of `typical_us`
  kStatus,    // which share of the cell they fill
  kRetry,     // the share that was tried again
  kCold       // the share that started cold
};
// kInvalidArgument names what is expected.
base::Result<LaneColor> parse_lane_color(std::string_view text);

// The rows in the window as `width` times `height` characters, row by row:
//   0     nobody
//   1..5  nobody failed; duration: below 1, 1.5, 2.5 and 5 times typical, and more; shares: up to
//         20, 40, 60, 80 and 100 %
//   6..9  up to 5, 25, 75 and 100 % of them failed
// Takes time in proportion to the rows and the cells they overlap. Width and height are 1 to 1,024.
std::string lane_cells(const Columns& columns, RowSpan rows, const LaneWindow& window,
                       uint32_t width, uint32_t height, LaneColor color, int64_t typical_us,
                       Together* together = nullptr);

}  // namespace weft::columns

#pragma once

#include <cstdint>
#include <vector>

#include "columns/columns.h"
#include "columns/together.h"

namespace weft::columns {

// One cell that holds children.
struct HeatCell {
  uint32_t cell = 0;  // y * width + x
  uint32_t count = 0;
  uint32_t failed = 0;
  uint32_t exemplar = 0;  // a row: the longest failed one, or the longest of all
  friend bool operator==(const HeatCell&, const HeatCell&) = default;
};

// Children by when they ended (x) and how long they took (y, logarithmic, 0 the shortest).
struct Heatmap {
  uint32_t width = 0;
  uint32_t height = 0;
  Range range;
  int64_t low = 0;              // duration at the lower edge of y = 0, at least 1
  int64_t high = 0;             // at the upper edge of the last y
  std::vector<HeatCell> cells;  // in order of `cell`
};

// Children that end in `range`. Width and height are 1 to 2,048.
Heatmap heatmap(const Columns& columns, RowSpan rows, Range range, uint32_t width, uint32_t height,
                Together* together = nullptr);

}  // namespace weft::columns

#include "columns/heatmap.h"

#include <algorithm>
#include <cmath>

namespace weft::columns {
namespace {

// Whether row `a` stands for its cell better than `b`.
bool better(const Columns& columns, uint32_t a, uint32_t b) {
  if (columns.failed(a) != columns.failed(b)) return columns.failed(a);
  return columns.duration[a] > columns.duration[b];
}

}  // namespace

Heatmap heatmap(const Columns& columns, const Rows& rows, Range range, uint32_t width,
                uint32_t height) {
  Heatmap map{.width = width, .height = height, .range = range, .low = INT64_MAX, .high = 0};
  const auto inside = [&](uint32_t row) {
    const int64_t end = columns.end(row);
    return end >= range.from && end < range.to;
  };
  for (const uint32_t row : rows) {
    if (!inside(row)) continue;
    const int64_t duration = std::max<int64_t>(1, columns.duration[row]);
    map.low = std::min(map.low, duration);
    map.high = std::max(map.high, duration);
  }
  if (map.high == 0) {
    map.low = map.high = 1;
    return map;
  }
  const double low = std::log2(static_cast<double>(map.low));
  const double rows_per_octave =
      height / std::max(1e-9, std::log2(static_cast<double>(map.high)) - low);
  const double columns_per_us =
      width / static_cast<double>(std::max<int64_t>(1, range.to - range.from));
  std::vector<HeatCell> cells(size_t{width} * height);
  for (const uint32_t row : rows) {
    if (!inside(row)) continue;
    const double log = std::log2(static_cast<double>(std::max<int64_t>(1, columns.duration[row])));
    const auto y = std::min(height - 1, static_cast<uint32_t>((log - low) * rows_per_octave));
    const auto x = std::min(
        width - 1,
        static_cast<uint32_t>(static_cast<double>(columns.end(row) - range.from) * columns_per_us));
    HeatCell& cell = cells[y * width + x];
    cell.cell = y * width + x;
    if (cell.count++ == 0 || better(columns, row, cell.exemplar)) cell.exemplar = row;
    cell.failed += columns.failed(row) ? 1 : 0;
  }
  std::ranges::copy_if(cells, std::back_inserter(map.cells),
                       [](const HeatCell& cell) { return cell.count > 0; });
  return map;
}

}  // namespace weft::columns

#include "columns/heatmap.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "columns/batches.h"

namespace weft::columns {
namespace {

// In which of `height` equal parts of the octaves from `low` to `high` a duration lies. What takes
// a logarithm is found once, where each part begins; a table by the first bits of a duration says
// where to look.
class Octaves {
 public:
  Octaves(int64_t low, int64_t high, uint32_t height)
      : height_(height),
        low_(std::log2(static_cast<double>(low))),
        parts_per_octave_(height / std::max(1e-9, std::log2(static_cast<double>(high)) - low_)) {
    begins_.push_back(0);
    for (uint32_t part = 1; part < height; ++part) {
      int64_t from = std::max<int64_t>(begins_.back(), low);
      int64_t to = high;  // the part begins behind `from`, or at `high` or nowhere
      while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        if (part_by_logarithm(middle) >= part) {
          to = middle;
        } else {
          from = middle + 1;
        }
      }
      begins_.push_back(from <= high && part_by_logarithm(from) >= part ? from : INT64_MAX);
    }
    for (uint32_t prefix = 0; prefix < kPrefixes; ++prefix)
      first_[prefix] = search(0, first_with(prefix));
  }
  uint32_t part(int64_t duration) const { return search(first_[prefix_of(duration)], duration); }

 private:
  static constexpr unsigned kBits = 6;  // of a duration behind its first one, in a prefix
  static constexpr uint32_t kPrefixes = 64u << kBits;

  static uint32_t prefix_of(int64_t duration) {
    const auto value = static_cast<uint64_t>(duration);
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kBits + 1) return static_cast<uint32_t>(value);
    const unsigned shift = width - kBits - 1;
    return (shift << kBits) + static_cast<uint32_t>(value >> shift);
  }
  static int64_t first_with(uint32_t prefix) {
    if (prefix < 2u << kBits) return prefix;
    const unsigned shift = (prefix >> kBits) - 1;
    const uint64_t value = (prefix & ((1u << kBits) - 1)) | 1u << kBits;
    return shift > 62 - kBits ? INT64_MAX : static_cast<int64_t>(value << shift);
  }
  uint32_t part_by_logarithm(int64_t duration) const {
    const double at = (std::log2(static_cast<double>(duration)) - low_) * parts_per_octave_;
    return std::min(height_ - 1, static_cast<uint32_t>(at));
  }
  uint32_t search(uint32_t part, int64_t duration) const {
    const int64_t* const begins = begins_.data();
    while (part + 1 < height_ && duration >= begins[part + 1]) ++part;
    return part;
  }

  uint32_t height_;
  double low_;
  double parts_per_octave_;
  std::vector<int64_t> begins_;  // INT64_MAX: no duration lies in the part, nor in later ones
  uint32_t first_[kPrefixes];    // the part of the smallest duration with the prefix
};

// A cell while children are put into it.
struct Filling {
  uint32_t count = 0;
  uint32_t failed = 0;
  int64_t longest = 0;  // of those that failed, or of all when none did
  uint32_t exemplar = 0;
  void add(uint32_t row, int64_t duration, bool fails) {
    const bool better = fails && failed == 0 ? true : fails == (failed > 0) && duration > longest;
    if (count == 0 || better) {
      longest = duration;
      exemplar = row;
    }
    ++count;
    failed += fails ? 1 : 0;
  }
  // What is added after all of these.
  void add(const Filling& later) {
    const bool better =
        (later.failed > 0) == (failed > 0) ? later.longest > longest : later.failed > 0;
    if (later.count > 0 && (count == 0 || better)) {
      longest = later.longest;
      exemplar = later.exemplar;
    }
    count += later.count;
    failed += later.failed;
  }
};

// The shortest and the longest duration, at least 1, of the children that end in the range; none
// when there are none.
struct Extremes {
  int64_t low = INT64_MAX;
  int64_t high = 0;
};
Extremes extremes(const Columns& columns, RowSpan rows, Range range, Together* together) {
  if (rows.list() == nullptr && !rows.empty()) {
    // Of all children the columns know it.
    const Range all = extent(columns, rows);
    const Bounds<int64_t> known = columns.duration.bounds();
    if (range.from <= all.from && range.to >= all.to && known.least >= 0)
      return {std::max<int64_t>(1, known.least), std::max<int64_t>(1, known.most)};
  }
  const auto parts =
      each_part(rows, together, Extremes{}, [&](size_t from, size_t to, Extremes& found) {
        Times times;
        each_batch(rows, from, to, [&](const Batch& batch) {
          times.read(columns, batch);
          for (size_t i = 0; i < batch.size(); ++i) {
            if (times.end[i] < range.from || times.end[i] >= range.to) continue;
            const int64_t duration = std::max<int64_t>(1, times.duration[i]);
            found.low = std::min(found.low, duration);
            found.high = std::max(found.high, duration);
          }
        });
      });
  Extremes found;
  for (const Extremes& part : parts)
    found = {std::min(found.low, part.low), std::max(found.high, part.high)};
  return found;
}

}  // namespace

Heatmap heatmap(const Columns& columns, RowSpan rows, Range range, uint32_t width, uint32_t height,
                Together* together) {
  const Extremes found = extremes(columns, rows, range, together);
  Heatmap map{.width = width, .height = height, .range = range, .low = 1, .high = 1};
  if (found.high == 0) return map;
  map.low = found.low;
  map.high = found.high;
  const Octaves octaves(map.low, map.high, height);
  const double columns_per_us =
      width / static_cast<double>(std::max<int64_t>(1, range.to - range.from));
  // Column by column: rows are nearly in the order of their ends.
  using Cells = std::vector<Filling>;
  auto parts = each_part(
      rows, together, Cells(size_t{width} * height), [&](size_t from, size_t to, Cells& cells) {
        Filling* const first = cells.data();
        Times times;
        Failed failed;
        each_batch(rows, from, to, [&](const Batch& batch) {
          times.read(columns, batch);
          failed.read(columns, batch);
          for (size_t i = 0; i < batch.size(); ++i) {
            if (times.end[i] < range.from || times.end[i] >= range.to) continue;
            const uint32_t y = octaves.part(std::max<int64_t>(1, times.duration[i]));
            const auto x = std::min(
                width - 1, static_cast<uint32_t>(static_cast<double>(times.end[i] - range.from) *
                                                 columns_per_us));
            first[size_t{x} * height + y].add(batch.row(i), times.duration[i], failed[i]);
          }
        });
      });
  Cells& cells = parts.front();
  for (size_t part = 1; part < parts.size(); ++part)
    for (size_t i = 0; i < cells.size(); ++i) cells[i].add(parts[part][i]);
  const Filling* const first = cells.data();
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      const Filling& cell = first[size_t{x} * height + y];
      if (cell.count == 0) continue;
      map.cells.push_back({.cell = y * width + x,
                           .count = cell.count,
                           .failed = cell.failed,
                           .exemplar = cell.exemplar});
    }
  }
  return map;
}

}  // namespace weft::columns

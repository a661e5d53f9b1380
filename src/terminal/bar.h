#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "terminal/text.h"

// Time drawn with characters.

namespace weft::terminal {

// A stretch of time over a number of character cells.
struct TimeScale {
  int64_t start_us = 0;
  int64_t length_us = 1;
  size_t cells = 1;

  // Position in cells; may lie outside.
  double at(int64_t time_us) const {
    return static_cast<double>(time_us - start_us) / static_cast<double>(length_us) *
           static_cast<double>(cells);
  }
};

// Round times above the cells: "0 s       2 s       4 s". Exactly `cells` columns.
std::string axis(const TimeScale& scale);

enum class Stretch : uint8_t { kState, kQueue, kColdStart, kRun, kIdle };

// One part of a bar.
struct Piece {
  Stretch stretch = Stretch::kState;
  int64_t start_us = 0;
  int64_t end_us = 0;
  bool failed = false;
};

// Draws the pieces into one row of scale.cells columns; later pieces lie over earlier ones, and
// each cell shows what fills most of it. Pieces shorter than a cell still show.
void draw_bar(const TimeScale& scale, std::span<const Piece> pieces, Painter& painter);

// The glyph a stretch is drawn with.
std::string_view glyph_of(Stretch stretch);

// One row of block characters, each as high as its share of the greatest value; " " for 0.
std::string draw_strip(std::span<const double> values);
std::string draw_strip(std::span<const uint64_t> values);

}  // namespace weft::terminal

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::terminal {

enum class Align : uint8_t { kLeft, kRight };
enum class Cut : uint8_t { kNever, kMiddle, kEnd };

// A column of a table: as wide as its widest cell where there is room for all.
struct Column {
  std::string title;
  Align align = Align::kLeft;
  Cut cut = Cut::kNever;  // where the terminal is too narrow: names lose their middle
  size_t least = 12;      // columns that are left of it then
  int spare = 0;          // left out where nothing else helps, the greatest first; 0: never
};

struct Cell {
  std::string text;  // of anybody: the table makes it printable, on one line
  Style style = Style::kPlain;
};

// A table for people. On a terminal no line is wider than it: what does not fit is cut, columns
// from left to right, then left out. Elsewhere everything is there whole, whatever the width.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  size_t columns() const { return columns_.size(); }
  // A cell a column; what is missing is empty.
  void row(std::vector<Cell> cells);
  // A line between the rows that belongs to no column, from `indent` on.
  void note(size_t indent, Style style, std::string_view text, Cut cut = Cut::kEnd);

  // All lines, each with its newline; the titles first, dimmed, where a column has one.
  std::string draw(const Terminal& terminal) const;

 private:
  struct Line {
    std::vector<Cell> cells;  // printable
    size_t indent = 0;
    bool note = false;
    Cut cut = Cut::kEnd;  // of a note
  };
  // Columns of the terminal that each column gets, 0: it is left out.
  std::vector<size_t> widths(size_t room) const;
  std::string draw_cells(const std::vector<Cell>& cells, const std::vector<size_t>& widths,
                         const Terminal& terminal) const;

  std::vector<Column> columns_;
  std::vector<Line> lines_;
};

}  // namespace weft::terminal

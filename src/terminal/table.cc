#include "terminal/table.h"

#include <algorithm>
#include <utility>

namespace weft::terminal {
namespace {

constexpr size_t kGap = 2;  // blanks between two columns

// What all columns take, with the gaps between those that are there.
size_t total(const std::vector<size_t>& widths) {
  size_t sum = 0;
  for (const size_t width : widths) {
    if (width > 0) sum += width + (sum > 0 ? kGap : 0);
  }
  return sum;
}

std::string shortened(const std::string& text, size_t width, Cut how) {
  return how == Cut::kMiddle ? cut_middle(text, width) : cut(text, width);
}

}  // namespace

void Table::row(std::vector<Cell> cells) {
  for (Cell& cell : cells) cell.text = single_line(cell.text);
  cells.resize(columns_.size());
  lines_.push_back({.cells = std::move(cells)});
}

void Table::note(size_t indent, Style style, std::string_view text, Cut cut) {
  if (text.empty()) return;
  lines_.push_back(
      {.cells = {{single_line(text), style}}, .indent = indent, .note = true, .cut = cut});
}

std::vector<size_t> Table::widths(size_t room) const {
  std::vector<size_t> natural;
  for (const Column& column : columns_) natural.push_back(display_width(column.title));
  for (const Line& line : lines_) {
    for (size_t i = 0; !line.note && i < natural.size(); ++i) {
      natural[i] = std::max(natural[i], display_width(line.cells[i].text));
    }
  }
  std::vector<size_t> widths;
  const auto shrink = [&](size_t i, size_t least) {
    const size_t excess = total(widths) - std::min(total(widths), room);
    widths[i] = std::max(std::min(widths[i], least), widths[i] - std::min(widths[i], excess));
  };
  while (true) {
    widths = natural;
    for (size_t i = 0; i < widths.size(); ++i) {
      if (columns_[i].cut != Cut::kNever && widths[i] > 0) shrink(i, columns_[i].least);
    }
    if (total(widths) <= room) return widths;
    size_t spare = widths.size();
    for (size_t i = 0; i < widths.size(); ++i) {
      const bool more = spare == widths.size() || columns_[i].spare > columns_[spare].spare;
      if (widths[i] > 0 && columns_[i].spare > 0 && more) spare = i;
    }
    if (spare == widths.size()) break;
    natural[spare] = 0;
  }
  // A terminal for which that is not enough gets the beginning of every column.
  for (size_t i = widths.size(); i > 0 && total(widths) > room; --i) {
    if (widths[i - 1] > 0) shrink(i - 1, 1);
  }
  return widths;
}

std::string Table::draw_cells(const std::vector<Cell>& cells, const std::vector<size_t>& widths,
                              const Terminal& terminal) const {
  std::string out;
  size_t blanks = 0;  // owed before the next text, so that no line ends in some
  for (size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    const std::string text = shortened(cells[i].text, widths[i], columns_[i].cut);
    const size_t padding = widths[i] - display_width(text);
    if (columns_[i].align == Align::kRight) blanks += padding;
    if (!text.empty()) {
      out.append(blanks, ' ');
      out += terminal.paint(cells[i].style, text);
      blanks = 0;
    }
    if (columns_[i].align == Align::kLeft) blanks += padding;
    blanks += kGap;
  }
  return out += '\n';
}

std::string Table::draw(const Terminal& terminal) const {
  const std::vector<size_t> columns = widths(terminal.room());
  std::string out;
  if (std::ranges::any_of(columns_, [](const Column& column) { return !column.title.empty(); })) {
    std::vector<Cell> titles;
    for (const Column& column : columns_) titles.push_back({column.title, Style::kDim});
    out += draw_cells(titles, columns, terminal);
  }
  for (const Line& line : lines_) {
    if (!line.note) {
      out += draw_cells(line.cells, columns, terminal);
      continue;
    }
    const Cell& only = line.cells.front();
    const size_t room = terminal.room() - std::min(terminal.room(), line.indent);
    out += std::string(line.indent, ' ') +
           terminal.paint(only.style, shortened(only.text, room, line.cut)) + '\n';
  }
  return out;
}

}  // namespace weft::terminal

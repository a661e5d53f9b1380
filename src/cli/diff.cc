#include "cli/diff.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

namespace weft::cli {
namespace {

constexpr size_t kHeadColumns = 4;  // of "--- "

constexpr size_t kContext = 3;

// A line of the result: ' ' in both, '-' only before, '+' only after.
struct Line {
  char sign;
  std::string_view text;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Myers, "An O(ND) Difference Algorithm and Its Variations": the shortest script, by the furthest
// points each number of differences reaches.
class Comparison {
 public:
  Comparison(std::vector<std::string_view> before, std::vector<std::string_view> after)
      : before_(std::move(before)), after_(std::move(after)) {}

  std::vector<Line> run() {
    const auto n = static_cast<ptrdiff_t>(before_.size());
    const auto m = static_cast<ptrdiff_t>(after_.size());
    std::vector<ptrdiff_t> furthest(static_cast<size_t>(2 * (n + m) + 3), 0);
    const ptrdiff_t middle = n + m + 1;
    const auto at = [&](ptrdiff_t k) -> ptrdiff_t& {
      return furthest[static_cast<size_t>(middle + k)];
    };
    for (ptrdiff_t d = 0; d <= n + m; ++d) {
      trail_.emplace_back(furthest.begin() + (middle - d - 1), furthest.begin() + (middle + d + 2));
      for (ptrdiff_t k = -d; k <= d; k += 2) {
        const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
        ptrdiff_t x = down ? at(k + 1) : at(k - 1) + 1;
        while (x < n && x - k < m && same(x, x - k)) ++x;
        at(k) = x;
        if (x >= n && x - k >= m) return back(d, n, m);
      }
    }
    return {};
  }

 private:
  bool same(ptrdiff_t x, ptrdiff_t y) const {
    return before_[static_cast<size_t>(x)] == after_[static_cast<size_t>(y)];
  }

  std::vector<Line> back(ptrdiff_t d, ptrdiff_t x, ptrdiff_t y) const {
    std::vector<Line> lines;
    for (; d >= 0; --d) {
      const std::vector<ptrdiff_t>& row = trail_[static_cast<size_t>(d)];
      const auto at = [&](ptrdiff_t k) { return row[static_cast<size_t>(k + d + 1)]; };
      const ptrdiff_t k = x - y;
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      const ptrdiff_t from_k = down ? k + 1 : k - 1;
      const ptrdiff_t from_x = d == 0 ? 0 : at(from_k);
      const ptrdiff_t from_y = d == 0 ? 0 : from_x - from_k;
      while (x > from_x && y > from_y) {
        lines.push_back({' ', before_[static_cast<size_t>(--x)]});
        --y;
      }
      if (d == 0) break;
      lines.push_back(down ? Line{'+', after_[static_cast<size_t>(from_y)]}
                           : Line{'-', before_[static_cast<size_t>(from_x)]});
      x = from_x;
      y = from_y;
    }
    std::ranges::reverse(lines);
    return lines;
  }

  std::vector<std::string_view> before_;
  std::vector<std::string_view> after_;
  std::vector<std::vector<ptrdiff_t>> trail_;  // a row a number of differences
};

// [from, to) of the lines that one hunk shows.
struct Hunk {
  size_t from;
  size_t to;
};

std::vector<Hunk> hunks_of(const std::vector<Line>& lines) {
  std::vector<Hunk> hunks;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].sign == ' ') continue;
    const size_t from = i - std::min(i, kContext);
    const size_t to = std::min(lines.size(), i + 1 + kContext);
    if (!hunks.empty() && from <= hunks.back().to) {
      hunks.back().to = to;
    } else {
      hunks.push_back({from, to});
    }
  }
  return hunks;
}

std::string shown(const Line& line, const terminal::Terminal& terminal) {
  const std::string text = terminal::wrapped(
      line.sign + terminal::printable(line.text, terminal::Tabs::kKept), terminal.room(), 0, 5);
  if (line.sign == '-') return terminal.red(text) + "\n";
  return (line.sign == '+' ? terminal.green(text) : text) + "\n";
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view name,
                         const terminal::Terminal& terminal) {
  const std::vector<Line> lines = Comparison(lines_of(before), lines_of(after)).run();
  std::string out;
  size_t line = 0;
  size_t old_line = 1;
  size_t new_line = 1;
  for (const Hunk& hunk : hunks_of(lines)) {
    const auto advance = [&](size_t to, size_t& olds, size_t& news) {
      for (; line < to; ++line) {
        olds += lines[line].sign != '+' ? 1 : 0;
        news += lines[line].sign != '-' ? 1 : 0;
      }
    };
    advance(hunk.from, old_line, new_line);
    size_t olds = 0;
    size_t news = 0;
    advance(hunk.to, olds, news);
    if (out.empty()) {
      const std::string file =
          terminal::cut_middle(terminal::single_line(name), terminal.room() - kHeadColumns);
      out = terminal.bold(fmt::format("--- {0}\n+++ {0}", file)) + "\n";
    }
    out += terminal.dim(fmt::format("@@ -{},{} +{},{} @@", old_line, olds, new_line, news)) + "\n";
    for (size_t i = hunk.from; i < hunk.to; ++i) out += shown(lines[i], terminal);
    old_line += olds;
    new_line += news;
  }
  return out;
}

}  // namespace weft::cli

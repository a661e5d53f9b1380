#include "asl/nearest.h"

#include <algorithm>
#include <vector>

namespace weft::asl {
namespace {

// Longer names are not compared: it takes the product of both lengths.
constexpr size_t kBytesMax = 100;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Insertions, deletions, replacements and swaps of neighbours, whatever the case (Damerau and
// Levenshtein, optimal string alignment).
size_t slips(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> rows(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
  for (size_t k = 0; k <= b.size(); ++k) rows[0][k] = k;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t k = 1; k <= b.size(); ++k) {
      const bool same = lower(a[i - 1]) == lower(b[k - 1]);
      size_t& cell = rows[i][k];
      cell =
          std::min({rows[i - 1][k] + 1, rows[i][k - 1] + 1, rows[i - 1][k - 1] + (same ? 0 : 1)});
      if (i > 1 && k > 1 && lower(a[i - 1]) == lower(b[k - 2]) &&
          lower(a[i - 2]) == lower(b[k - 1]))
        cell = std::min(cell, rows[i - 2][k - 2] + 1);
    }
  }
  return rows.back().back();
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string_view> known) {
  if (name.size() > kBytesMax) return {};
  std::string_view best;
  size_t fewest = std::max<size_t>(1, name.size() / 3) + 1;
  for (const std::string_view one : known) {
    const size_t difference = std::max(one.size(), name.size()) - std::min(one.size(), name.size());
    if (one.size() > kBytesMax || difference >= fewest || one == name) continue;
    const size_t count = slips(name, one);
    // Nothing of a short name may be left of it.
    if (count >= fewest || count >= std::min(name.size(), one.size())) continue;
    fewest = count;
    best = one;
  }
  return std::string(best);
}

}  // namespace weft::asl

#include "columns/differs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace weft::columns {
namespace {

// Less evidence than this is left out as chance: 1 in 2,000 values, like 3.5 standard deviations.
constexpr double kChance = 12;
constexpr uint64_t kSupport = 2;

// The two sides of a comparison.
struct Sides {
  AttributeCounts selected;
  AttributeCounts base;  // the selection among them, or without it
  bool overlap = false;  // among them
  uint64_t others() const { return base.rows() - (overlap ? selected.rows() : 0); }
  uint64_t others(uint64_t in_selection, uint64_t in_base) const {
    return in_base - (overlap ? in_selection : 0);
  }
};

// Counts the rows of the base that are not in the selection: no list of them, which would be of
// nearly all.
void add_others(const Columns& columns, const std::vector<Attribute>& attributes, RowSpan selection,
                RowSpan base, AttributeCounts& counts) {
  std::vector<bool> chosen(columns.size());
  for (const uint32_t row : selection) chosen[row] = true;
  Rows part;
  each_batch(base, [&](const Batch& batch) {
    part.clear();
    for (size_t i = 0; i < batch.size(); ++i)
      if (!chosen[batch.row(i)]) part.push_back(batch.row(i));
    counts.add(columns, attributes, part);
  });
}

// Of prefixes that hold one another the one that tells most; of equals the longest.
void add_prefixes(const Columns& columns, const Sides& sides, std::vector<Difference>& found) {
  std::vector<Difference> prefixes;
  const std::map<std::string_view, uint64_t> base = sides.base.prefixes(columns);
  for (const auto& [prefix, selected] : sides.selected.prefixes(columns)) {
    const auto known = base.find(prefix);
    const uint64_t others = sides.others(selected, known == base.end() ? 0 : known->second);
    auto one = compare(selected, sides.selected.rows(), others, sides.others());
    if (!one) continue;
    one->attribute = "key prefix";
    one->value = prefix;
    one->filter = "key:" + quoted_value(prefix);
    prefixes.push_back(std::move(*one));
  }
  std::ranges::sort(prefixes, [](const Difference& a, const Difference& b) {
    return std::tuple(-a.score, -static_cast<int64_t>(a.value.size()), std::string_view(a.value)) <
           std::tuple(-b.score, -static_cast<int64_t>(b.value.size()), std::string_view(b.value));
  });
  std::vector<std::string> taken;
  for (Difference& one : prefixes) {
    const bool told = std::ranges::any_of(taken, [&](const std::string& other) {
      return other.starts_with(one.value) || one.value.starts_with(other);
    });
    if (told) continue;
    taken.push_back(one.value);
    found.push_back(std::move(one));
  }
}

// How much likelier the true shares are than equal ones, as twice the log of the ratio (G-test of
// `in_selection` of `all` children against the share `expected`).
double evidence(double in_selection, double all, double expected) {
  const double out = all - in_selection;
  double g = in_selection * std::log(in_selection / (all * expected));
  if (out > 0) g += out * std::log(out / (all * (1 - expected)));
  return 2 * g;
}

}  // namespace

std::optional<Difference> compare(uint64_t in_selection, uint64_t selected, uint64_t in_base,
                                  uint64_t base) {
  if (in_selection < kSupport || base == 0) return std::nullopt;
  const auto s = static_cast<double>(selected);
  const auto b = static_cast<double>(base);
  Difference found{.selected = in_selection, .others = in_base};
  found.selected_share = static_cast<double>(in_selection) / s;
  found.base_share = static_cast<double>(in_base) / b;
  if (found.selected_share <= found.base_share) return std::nullopt;
  const double g = evidence(static_cast<double>(in_selection),
                            static_cast<double>(in_selection + in_base), s / (s + b));
  if (g < kChance) return std::nullopt;
  // Half a child more on both sides gives a finite lift to what no other child has.
  const double p = (static_cast<double>(in_selection) + 0.5) / (s + 1);
  const double q = (static_cast<double>(in_base) + 0.5) / (b + 1);
  found.lift = p / q;
  found.score = p * std::log2(found.lift);
  return found;
}

Differences differs(const Columns& columns, RowSpan selection, RowSpan base,
                    const std::vector<Field>& except, size_t limit,
                    const std::vector<std::string>& except_properties, const AttributeCounts* all) {
  const std::vector<Attribute> known = attributes(columns);
  Sides sides{AttributeCounts(known.size()), AttributeCounts(known.size())};
  sides.selected.add(columns, known, selection);
  sides.overlap = base.list() == nullptr;
  if (!sides.overlap) {
    add_others(columns, known, selection, base, sides.base);
  } else if (all != nullptr) {
    sides.base = *all;
  } else {
    sides.base.add(columns, known, base);
  }
  Differences result{.selected = selection.size(), .base = sides.others()};
  if (selection.empty()) return result;
  for (size_t i = 0; i < known.size(); ++i) {
    const Attribute& attribute = known[i];
    const bool property = attribute.field == Field::kProperty;
    const bool excluded =
        property ? std::ranges::find(except_properties, attribute.name) != except_properties.end()
                 : attribute.field && std::ranges::find(except, *attribute.field) != except.end();
    if (excluded) continue;
    const std::vector<uint64_t>& mine = sides.selected.of(i);
    for (uint32_t number = 0; number < mine.size(); ++number) {
      auto found = compare(mine[number], selection.size(),
                           sides.others(mine[number], sides.base.of(i, number)), sides.others());
      if (!found) continue;
      found->attribute = attribute.name;
      found->value = attribute.text(number);
      if (attribute.filter) found->filter = attribute.filter(number);
      result.found.push_back(std::move(*found));
    }
  }
  if (std::ranges::find(except, Field::kKey) == except.end())
    add_prefixes(columns, sides, result.found);
  std::ranges::sort(result.found, [](const Difference& a, const Difference& b) {
    return std::tie(b.score, a.attribute, a.value) < std::tie(a.score, b.attribute, b.value);
  });
  if (result.found.size() > limit) result.found.resize(limit);
  return result;
}

}  // namespace weft::columns

#include "columns/differs.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/time.h"

namespace weft::columns {
namespace {

// Less evidence than this is left out as chance: 1 in 2,000 values, like 3.5 standard deviations.
constexpr double kChance = 12;
constexpr uint64_t kSupport = 2;
constexpr uint32_t kLaneBands = 16;
constexpr uint32_t kLongestMinute = 10'000;

// An attribute gives every row a small number; equal numbers are the same value.
struct Attribute {
  std::string name;
  std::optional<Field> field;  // the filter that would select by it
  std::function<uint32_t(uint32_t row)> number;
  std::function<std::string(uint32_t number)> text;
  std::function<std::string(uint32_t number)> filter;  // may be empty
  const TextColumn* column = nullptr;  // in place of `number`: a row may have several values
};

uint32_t log_bucket(uint64_t value) { return static_cast<uint32_t>(std::bit_width(value)); }

// "below 1ms", "1ms to 2ms" ... for buckets of milliseconds.
std::string time_bucket_text(uint32_t bucket) {
  if (bucket == 0) return "below 1ms";
  const int64_t low = int64_t{1'000} << (bucket - 1);
  return fmt::format("{} to {}", base::format_duration_us(low), base::format_duration_us(low * 2));
}

std::string size_bucket_text(uint32_t bucket) {
  if (bucket == 0) return "0 bytes";
  return fmt::format("{} to {} bytes", uint64_t{1} << (bucket - 1), (uint64_t{1} << bucket) - 1);
}

std::string count_text(uint32_t number) {
  return number == 3 ? "3 or more" : fmt::format("{}", number);
}

std::vector<Attribute> attributes(const Columns& c, uint32_t lanes) {
  const uint32_t band = std::max(1u, (lanes + kLaneBands - 1) / kLaneBands);
  std::vector<Attribute> all = {
      {"cold start", Field::kCold, [&c](uint32_t row) { return c.cold[row] > 0 ? 1u : 0u; },
       [](uint32_t n) { return std::string(n == 1 ? "yes" : "no"); },
       [](uint32_t n) { return std::string(n == 1 ? "cold:yes" : "cold:no"); }},
      {"status", Field::kStatus,
       [&c](uint32_t row) { return static_cast<uint32_t>(c.status[row]); },
       [](uint32_t n) {
         return std::string(history::to_string(static_cast<history::ExecutionStatus>(n)));
       },
       [](uint32_t n) {
         return fmt::format("status:{}",
                            history::to_string(static_cast<history::ExecutionStatus>(n)));
       }},
      {"retries", Field::kRetry,
       [&c](uint32_t row) { return std::min<uint32_t>(c.retries[row], 3); }, count_text,
       [](uint32_t n) { return n == 3 ? std::string("retry:>=3") : fmt::format("retry:{}", n); }},
      {"queue time", Field::kQueue, [&c](uint32_t row) { return log_bucket(c.queue[row] / 1'000); },
       time_bucket_text,
       [](uint32_t n) {
         return n == 0 ? std::string("queue:<1ms")
                       : fmt::format("queue:{}..{}us", int64_t{1'000} << (n - 1),
                                     (int64_t{1'000} << n) - 1);
       }},
      {"run time", Field::kRun, [&c](uint32_t row) { return log_bucket(c.run[row] / 1'000); },
       time_bucket_text},
      {"input size", Field::kSize, [&c](uint32_t row) { return log_bucket(c.input_bytes[row]); },
       size_bucket_text,
       [](uint32_t n) {
         return n == 0 ? std::string("size:0")
                       : fmt::format("size:{}..{}", uint64_t{1} << (n - 1), (uint64_t{1} << n) - 1);
       }},
      {"batch size", Field::kBatch, [&c](uint32_t row) { return log_bucket(c.items[row]); },
       [](uint32_t n) {
         return n <= 1 ? fmt::format("{}", n)
                       : fmt::format("{} to {}", 1u << (n - 1), (uint64_t{1} << n) - 1);
       },
       [](uint32_t n) {
         return n <= 1 ? fmt::format("batch:{}", n)
                       : fmt::format("batch:{}..{}", 1u << (n - 1), (uint64_t{1} << n) - 1);
       }},
      {"start minute", Field::kStart,
       [&c](uint32_t row) {
         return static_cast<uint32_t>(
             std::clamp<int64_t>(c.start[row] / 60'000'000, 0, kLongestMinute));
       },
       [](uint32_t n) { return fmt::format("{}", n); },
       [](uint32_t n) {
         return fmt::format("start:{}m..{}us", n, (n + 1) * int64_t{60'000'000} - 1);
       }},
      {"lane", Field::kLane, [&c, band](uint32_t row) { return c.lane[row] / band; },
       [band](uint32_t n) { return fmt::format("{}..{}", n * band, (n + 1) * band - 1); },
       [band](uint32_t n) { return fmt::format("lane:{}..{}", n * band, (n + 1) * band - 1); }},
  };
  for (const auto& [name, column] : c.properties) {
    all.push_back({.name = name,
                   .field = Field::kProperty,
                   .text = [&column](uint32_t n) { return std::string(column.values.text(n)); },
                   .filter =
                       [&name, &column](uint32_t n) {
                         const std::string_view value = column.values.text(n);
                         if (value.empty() || value == Dictionary::kOther) return std::string();
                         return fmt::format("{}:{}", name, quoted_value(value));
                       },
                   .column = &column});
  }
  return all;
}

void add_prefixes_of(std::string_view folder, std::set<std::string_view>& out) {
  for (size_t slash = folder.find('/'); slash != std::string_view::npos;
       slash = folder.find('/', slash + 1)) {
    out.insert(folder.substr(0, slash + 1));
  }
}

// Every prefix of the items' keys, at each "/", with the rows of both sides that have it.
struct PrefixCounts {
  uint64_t selected = 0;
  uint64_t others = 0;
};
std::map<std::string_view, PrefixCounts> prefix_counts(const Columns& columns,
                                                       const Rows& selection, const Rows& others) {
  std::vector<PrefixCounts> folders(columns.folder.values.size());
  std::map<std::string_view, PrefixCounts> prefixes;
  const auto count = [&](const Rows& rows, uint64_t PrefixCounts::* side) {
    for (const uint32_t row : rows) {
      const auto further = columns.folder.further_of(row);
      if (further.empty()) {
        ++(folders[columns.folder.number[row]].*side);
        continue;
      }
      std::set<std::string_view> of_row;
      add_prefixes_of(columns.folder.text(row), of_row);
      for (const uint32_t one : further) add_prefixes_of(columns.folder.values.text(one), of_row);
      for (const std::string_view prefix : of_row) ++(prefixes[prefix].*side);
    }
  };
  count(selection, &PrefixCounts::selected);
  count(others, &PrefixCounts::others);
  for (uint32_t i = 0; i < folders.size(); ++i) {
    std::set<std::string_view> of_folder;
    add_prefixes_of(columns.folder.values.text(i), of_folder);
    for (const std::string_view prefix : of_folder) {
      PrefixCounts& counts = prefixes[prefix];
      counts.selected += folders[i].selected;
      counts.others += folders[i].others;
    }
  }
  return prefixes;
}

// Of prefixes that hold one another the one that tells most; of equals the longest.
void add_prefixes(const Columns& columns, const Rows& selection, const Rows& others,
                  std::vector<Difference>& found) {
  if (columns.folder.number.size() != columns.size()) return;
  std::vector<Difference> prefixes;
  for (const auto& [prefix, counts] : prefix_counts(columns, selection, others)) {
    auto one = compare(counts.selected, selection.size(), counts.others, others.size());
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

std::vector<uint64_t> counts(const Attribute& attribute, const Rows& rows) {
  std::vector<uint64_t> result;
  const auto count = [&](uint32_t number) {
    if (number >= result.size()) result.resize(number + 1);
    ++result[number];
  };
  for (const uint32_t row : rows) {
    if (attribute.column == nullptr) {
      count(attribute.number(row));
      continue;
    }
    count(attribute.column->number[row]);
    std::ranges::for_each(attribute.column->further_of(row), count);
  }
  return result;
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

Differences differs(const Columns& columns, const Rows& selection, const Rows& base,
                    const std::vector<Field>& except, size_t limit,
                    const std::vector<std::string>& except_properties) {
  std::vector<bool> chosen(columns.size());
  for (const uint32_t row : selection) chosen[row] = true;
  Rows others;
  others.reserve(base.size());
  std::ranges::copy_if(base, std::back_inserter(others),
                       [&](uint32_t row) { return !chosen[row]; });
  Differences result{.selected = selection.size(), .base = others.size()};
  if (selection.empty()) return result;
  uint32_t lanes = 0;
  for (const uint32_t lane : columns.lane) lanes = std::max(lanes, lane + 1);
  for (const Attribute& attribute : attributes(columns, lanes)) {
    const bool property = attribute.field == Field::kProperty;
    const bool excluded =
        property ? std::ranges::find(except_properties, attribute.name) != except_properties.end()
                 : attribute.field && std::ranges::find(except, *attribute.field) != except.end();
    if (excluded) continue;
    const std::vector<uint64_t> mine = counts(attribute, selection);
    std::vector<uint64_t> theirs = counts(attribute, others);
    theirs.resize(std::max(theirs.size(), mine.size()));
    for (uint32_t number = 0; number < mine.size(); ++number) {
      auto found = compare(mine[number], selection.size(), theirs[number], others.size());
      if (!found) continue;
      found->attribute = attribute.name;
      found->value = attribute.text(number);
      if (attribute.filter) found->filter = attribute.filter(number);
      result.found.push_back(std::move(*found));
    }
  }
  if (std::ranges::find(except, Field::kKey) == except.end()) {
    add_prefixes(columns, selection, others, result.found);
  }
  std::ranges::sort(result.found, [](const Difference& a, const Difference& b) {
    return std::tie(b.score, a.attribute, a.value) < std::tie(a.score, b.attribute, b.value);
  });
  if (result.found.size() > limit) result.found.resize(limit);
  return result;
}

}  // namespace weft::columns

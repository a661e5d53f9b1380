#include "columns/differs.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <optional>
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
  std::string_view name;
  std::optional<Field> field;  // the filter that would select by it
  std::function<uint32_t(uint32_t row)> number;
  std::function<std::string(uint32_t number)> text;
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
       [](uint32_t n) { return std::string(n == 1 ? "yes" : "no"); }},
      {"status", Field::kStatus,
       [&c](uint32_t row) { return static_cast<uint32_t>(c.status[row]); },
       [](uint32_t n) {
         return std::string(history::to_string(static_cast<history::ExecutionStatus>(n)));
       }},
      {"retries", Field::kRetry,
       [&c](uint32_t row) { return std::min<uint32_t>(c.retries[row], 3); }, count_text},
      {"queue time", Field::kQueue, [&c](uint32_t row) { return log_bucket(c.queue[row] / 1'000); },
       time_bucket_text},
      {"run time", std::nullopt, [&c](uint32_t row) { return log_bucket(c.run[row] / 1'000); },
       time_bucket_text},
      {"input size", Field::kSize, [&c](uint32_t row) { return log_bucket(c.input_bytes[row]); },
       size_bucket_text},
      {"batch size", Field::kBatch, [&c](uint32_t row) { return log_bucket(c.items[row]); },
       [](uint32_t n) {
         return n <= 1 ? fmt::format("{}", n)
                       : fmt::format("{} to {}", 1u << (n - 1), (uint64_t{1} << n) - 1);
       }},
      {"start minute", Field::kStart,
       [&c](uint32_t row) {
         return static_cast<uint32_t>(
             std::clamp<int64_t>(c.start[row] / 60'000'000, 0, kLongestMinute));
       },
       [](uint32_t n) { return fmt::format("{}", n); }},
      {"lane", Field::kLane, [&c, band](uint32_t row) { return c.lane[row] / band; },
       [band](uint32_t n) { return fmt::format("{}..{}", n * band, (n + 1) * band - 1); }},
  };
  if (c.key_prefix.size() == c.size()) {
    all.push_back({"key prefix", Field::kKey, [&c](uint32_t row) { return c.key_prefix[row]; },
                   [&c](uint32_t n) { return std::string(c.key_prefixes.text(n)); }});
  }
  return all;
}

std::vector<uint64_t> counts(const Attribute& attribute, const Rows& rows) {
  std::vector<uint64_t> result;
  for (const uint32_t row : rows) {
    const uint32_t number = attribute.number(row);
    if (number >= result.size()) result.resize(number + 1);
    ++result[number];
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

std::optional<Difference> difference(uint64_t in_selection, uint64_t selected, uint64_t in_base,
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

}  // namespace

Differences differs(const Columns& columns, const Rows& selection, const Rows& base,
                    const std::vector<Field>& except, size_t limit) {
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
    const bool excluded =
        attribute.field && std::ranges::find(except, *attribute.field) != except.end();
    if (excluded) continue;
    const std::vector<uint64_t> mine = counts(attribute, selection);
    std::vector<uint64_t> theirs = counts(attribute, others);
    theirs.resize(std::max(theirs.size(), mine.size()));
    for (uint32_t number = 0; number < mine.size(); ++number) {
      auto found = difference(mine[number], selection.size(), theirs[number], others.size());
      if (!found) continue;
      found->attribute = attribute.name;
      found->value = attribute.text(number);
      result.found.push_back(std::move(*found));
    }
  }
  std::ranges::sort(result.found, [](const Difference& a, const Difference& b) {
    return std::tie(b.score, a.attribute, a.value) < std::tie(a.score, b.attribute, b.value);
  });
  if (result.found.size() > limit) result.found.resize(limit);
  return result;
}

}  // namespace weft::columns

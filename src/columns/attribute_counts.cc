#include "columns/attribute_counts.h"

#include <algorithm>
#include <bit>
#include <set>

#include <fmt/format.h>

#include "base/time.h"

namespace weft::columns {
namespace {

constexpr uint32_t kLaneBands = 16;
constexpr uint32_t kLongestMinute = 10'000;

uint32_t log_bucket(uint32_t value) { return static_cast<uint32_t>(std::bit_width(value)); }

// The numbers of an attribute that follows from one column.
template <typename T, typename Number>
auto numbers_of(const Packed<T>& column, const Number& number) {
  return [&column, number](const Batch& batch, Values<uint32_t>& out) {
    Values<T> values;
    batch.read(column, values);
    for (size_t i = 0; i < batch.size(); ++i) out[i] = number(values[i]);
  };
}

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

void add_prefixes_of(std::string_view folder, std::set<std::string_view>& out) {
  for (size_t slash = folder.find('/'); slash != std::string_view::npos;
       slash = folder.find('/', slash + 1)) {
    out.insert(folder.substr(0, slash + 1));
  }
}

void count(const Values<uint32_t>& numbers, size_t size, std::vector<uint64_t>& counts) {
  uint32_t most = 0;
  for (size_t i = 0; i < size; ++i) most = std::max(most, numbers[i]);
  if (most >= counts.size()) counts.resize(most + 1);
  uint64_t* const of = counts.data();
  for (size_t i = 0; i < size; ++i) ++of[numbers[i]];
}

// Those that were asked for by name.
void add_properties(const Columns& c, std::vector<Attribute>& all) {
  for (const auto& [name, column] : c.properties) {
    if (column.number.size() != c.size()) continue;
    all.push_back({.name = name,
                   .field = Field::kProperty,
                   .numbers = [&column](const Batch& batch,
                                        Values<uint32_t>& out) { batch.read(column.number, out); },
                   .text = [&column](uint32_t n) { return std::string(column.values.text(n)); },
                   .filter =
                       [&name, &column](uint32_t n) {
                         const std::string_view value = column.values.text(n);
                         if (value.empty() || value == Dictionary::kOther) return std::string();
                         return fmt::format("{}:{}", name, quoted_value(value));
                       },
                   .column = &column});
  }
}

}  // namespace

std::vector<Attribute> attributes(const Columns& c) {
  const uint32_t lanes = c.size() == 0 ? 0 : c.lane.bounds().most + 1;
  const uint32_t band = std::max(1u, (lanes + kLaneBands - 1) / kLaneBands);
  std::vector<Attribute> all = {
      {"cold start", Field::kCold, numbers_of(c.cold, [](uint32_t us) { return us > 0 ? 1u : 0u; }),
       [](uint32_t n) { return std::string(n == 1 ? "yes" : "no"); },
       [](uint32_t n) { return std::string(n == 1 ? "cold:yes" : "cold:no"); }},
      {"status", Field::kStatus,
       numbers_of(c.status,
                  [](history::ExecutionStatus one) { return static_cast<uint32_t>(one); }),
       [](uint32_t n) {
         return std::string(history::to_string(static_cast<history::ExecutionStatus>(n)));
       },
       [](uint32_t n) {
         return fmt::format("status:{}",
                            history::to_string(static_cast<history::ExecutionStatus>(n)));
       }},
      {"retries", Field::kRetry,
       numbers_of(c.retries, [](uint16_t times) { return std::min<uint32_t>(times, 3); }),
       count_text,
       [](uint32_t n) { return n == 3 ? std::string("retry:>=3") : fmt::format("retry:{}", n); }},
      {"queue time", Field::kQueue,
       numbers_of(c.queue, [](uint32_t us) { return log_bucket(us / 1'000); }), time_bucket_text,
       [](uint32_t n) {
         return n == 0 ? std::string("queue:<1ms")
                       : fmt::format("queue:{}..{}us", int64_t{1'000} << (n - 1),
                                     (int64_t{1'000} << n) - 1);
       }},
      {"run time", Field::kRun,
       numbers_of(c.run, [](uint32_t us) { return log_bucket(us / 1'000); }), time_bucket_text},
      {"input size", Field::kSize,
       numbers_of(c.input_bytes, [](uint32_t bytes) { return log_bucket(bytes); }),
       size_bucket_text,
       [](uint32_t n) {
         return n == 0 ? std::string("size:0")
                       : fmt::format("size:{}..{}", uint64_t{1} << (n - 1), (uint64_t{1} << n) - 1);
       }},
      {"batch size", Field::kBatch,
       numbers_of(c.items, [](uint32_t items) { return log_bucket(items); }),
       [](uint32_t n) {
         return n <= 1 ? fmt::format("{}", n)
                       : fmt::format("{} to {}", 1u << (n - 1), (uint64_t{1} << n) - 1);
       },
       [](uint32_t n) {
         return n <= 1 ? fmt::format("batch:{}", n)
                       : fmt::format("batch:{}..{}", 1u << (n - 1), (uint64_t{1} << n) - 1);
       }},
      {"start minute", Field::kStart,
       numbers_of(c.start,
                  [](int64_t us) {
                    return static_cast<uint32_t>(
                        std::clamp<int64_t>(us / 60'000'000, 0, kLongestMinute));
                  }),
       [](uint32_t n) { return fmt::format("{}", n); },
       [](uint32_t n) {
         return fmt::format("start:{}m..{}us", n, (n + 1) * int64_t{60'000'000} - 1);
       }},
      {"lane", Field::kLane, numbers_of(c.lane, [band](uint32_t lane) { return lane / band; }),
       [band](uint32_t n) { return fmt::format("{}..{}", n * band, (n + 1) * band - 1); },
       [band](uint32_t n) { return fmt::format("lane:{}..{}", n * band, (n + 1) * band - 1); }},
  };
  add_properties(c, all);
  return all;
}

void AttributeCounts::add(const Columns& columns, const std::vector<Attribute>& attributes,
                          RowSpan rows) {
  add(columns, attributes, rows, 0, rows.size());
}

void AttributeCounts::add(const AttributeCounts& others) {
  const auto sum = [](std::vector<uint64_t>& counts, const std::vector<uint64_t>& more) {
    counts.resize(std::max(counts.size(), more.size()));
    for (size_t i = 0; i < more.size(); ++i) counts[i] += more[i];
  };
  rows_ += others.rows_;
  for (size_t i = 0; i < by_attribute_.size(); ++i) sum(by_attribute_[i], others.by_attribute_[i]);
  sum(folders_, others.folders_);
  for (const auto& [prefix, rows] : others.several_) several_[prefix] += rows;
}

void AttributeCounts::add(const Columns& columns, const std::vector<Attribute>& attributes,
                          RowSpan rows, size_t from, size_t to) {
  rows_ += to - from;
  const bool keys = columns.folder.number.size() == columns.size();
  if (keys) folders_.resize(std::max(folders_.size(), columns.folder.values.size()));
  Values<uint32_t> numbers;
  each_batch(rows, from, to, [&](const Batch& batch) {
    for (size_t i = 0; i < attributes.size(); ++i) {
      attributes[i].numbers(batch, numbers);
      std::vector<uint64_t>& counts = by_attribute_[i];
      count(numbers, batch.size(), counts);
      const TextColumn* const column = attributes[i].column;
      if (column == nullptr || column->further_end.empty()) continue;
      counts.resize(std::max(counts.size(), column->values.size()));
      for (size_t row = 0; row < batch.size(); ++row)
        for (const uint32_t number : column->further_of(batch.row(row))) ++counts[number];
    }
    if (keys) add_folders(columns, batch);
  });
}

void AttributeCounts::add_folders(const Columns& columns, const Batch& batch) {
  const TextColumn& folder = columns.folder;
  Values<uint32_t> numbers;
  batch.read(folder.number, numbers);
  if (folder.further_end.empty()) return count(numbers, batch.size(), folders_);
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto further = folder.further_of(batch.row(i));
    if (further.empty()) {
      ++folders_[numbers[i]];
      continue;
    }
    std::set<std::string_view> of_row;
    add_prefixes_of(folder.values.text(numbers[i]), of_row);
    for (const uint32_t one : further) add_prefixes_of(folder.values.text(one), of_row);
    for (const std::string_view prefix : of_row) {
      const auto known = several_.find(prefix);
      ++(known != several_.end() ? known : several_.emplace(prefix, 0).first)->second;
    }
  }
}

std::map<std::string_view, uint64_t> AttributeCounts::prefixes(const Columns& columns) const {
  std::map<std::string_view, uint64_t> found(several_.begin(), several_.end());
  for (uint32_t i = 0; i < folders_.size(); ++i) {
    std::set<std::string_view> of_folder;
    add_prefixes_of(columns.folder.values.text(i), of_folder);
    for (const std::string_view prefix : of_folder) found[prefix] += folders_[i];
  }
  return found;
}

AttributeCounts count_attributes(const Columns& columns, Together* together) {
  const std::vector<Attribute> all = attributes(columns);
  const RowSpan rows = all_rows(columns);
  auto parts = each_part(rows, together, AttributeCounts(all.size()),
                         [&](size_t from, size_t to, AttributeCounts& counts) {
                           counts.add(columns, all, rows, from, to);
                         });
  for (size_t part = 1; part < parts.size(); ++part) parts.front().add(parts[part]);
  return std::move(parts.front());
}

}  // namespace weft::columns

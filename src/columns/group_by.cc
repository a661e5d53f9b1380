#include "columns/group_by.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "columns/filter.h"

namespace weft::columns {
namespace {

using base::ErrorCode;
using base::fail;

constexpr int64_t kMinuteUs = 60'000'000;

constexpr std::array<std::pair<std::string_view, GroupBy>, 9> kGroupings = {{
    {"status", GroupBy::kStatus},
    {"error", GroupBy::kError},
    {"err", GroupBy::kError},  // as conditions are called
    {"cold", GroupBy::kCold},
    {"key", GroupBy::kKey},
    {"lane", GroupBy::kLane},
    {"retry", GroupBy::kRetry},
    {"batch", GroupBy::kBatch},
    {"minute", GroupBy::kMinute},
}};

constexpr std::array<std::pair<std::string_view, GroupSort>, 8> kSorts = {{
    {"count", GroupSort::kCount},
    {"failed", GroupSort::kFailed},
    {"p50", GroupSort::kP50},
    {"p95", GroupSort::kP95},
    {"p99", GroupSort::kP99},
    {"max", GroupSort::kMax},
    {"total", GroupSort::kTotal},
    {"value", GroupSort::kValue},
}};

uint64_t value_of(const Columns& columns, uint32_t row, GroupBy by) {
  switch (by) {
    case GroupBy::kStatus:
      return static_cast<uint64_t>(columns.status[row]);
    case GroupBy::kError:
      return columns.error_group[row];
    case GroupBy::kCold:
      return columns.cold[row] > 0 ? 1 : 0;
    case GroupBy::kKey:
    case GroupBy::kProperty:
      break;  // texts: TextNumbers
    case GroupBy::kLane:
      return columns.lane[row];
    case GroupBy::kRetry:
      return columns.retries[row];
    case GroupBy::kBatch:
      return columns.items[row];
    case GroupBy::kMinute:
      return static_cast<uint64_t>(std::max<int64_t>(0, columns.start[row]) / kMinuteUs);
  }
  return 0;
}

// The column whose texts are the groups; null when it is another or not there.
const TextColumn* text_column(const Columns& columns, const Grouping& grouping) {
  if (grouping.by == GroupBy::kKey) {
    return columns.folder.number.size() == columns.size() ? &columns.folder : nullptr;
  }
  if (grouping.by != GroupBy::kProperty) return nullptr;
  const auto found = columns.properties.find(grouping.property);
  return found == columns.properties.end() ? nullptr : &found->second;
}

// Numbers groups of a text column.
class TextNumbers {
 public:
  TextNumbers(const Columns& columns, const Grouping& grouping)
      : column_(text_column(columns, grouping)) {
    if (column_ == nullptr) return;
    // Folders that begin alike are one group, numbered by the first of them.
    std::map<std::string_view, uint32_t> firsts;
    for (uint32_t i = 0; i < column_->values.size(); ++i) {
      const std::string_view text = column_->values.text(i);
      const bool folder = grouping.by == GroupBy::kKey && text != Dictionary::kOther;
      group_.push_back(
          firsts.try_emplace(folder ? key_prefix(text, grouping.depth) : text, i).first->second);
    }
  }
  // Of the groups that the row is in, each once.
  void numbers(uint32_t row, std::vector<uint64_t>& out) const {
    out.assign(1, column_ == nullptr ? 0 : group_[column_->number[row]]);
    if (column_ == nullptr || column_->further_end.empty()) return;
    for (const uint32_t one : column_->further_of(row)) out.push_back(group_[one]);
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }

 private:
  const TextColumn* column_;
  std::vector<uint32_t> group_;  // by number of the value
};

bool is_text(GroupBy by) { return by == GroupBy::kKey || by == GroupBy::kProperty; }

int64_t sort_key(const RowGroup& group, GroupSort by) {
  switch (by) {
    case GroupSort::kCount:
      return static_cast<int64_t>(group.count);
    case GroupSort::kFailed:
      return static_cast<int64_t>(group.failed);
    case GroupSort::kP50:
      return group.duration.p50;
    case GroupSort::kP95:
      return group.duration.p95;
    case GroupSort::kP99:
      return group.duration.p99;
    case GroupSort::kMax:
      return group.duration.max;
    case GroupSort::kTotal:
      return group.total;
    case GroupSort::kValue:
      return static_cast<int64_t>(group.value);
  }
  return 0;
}

}  // namespace

base::Result<Grouping> parse_group_by(std::string_view text) {
  for (const auto& [name, by] : kGroupings) {
    if (text == name) return Grouping(by);
  }
  if (text.starts_with("key/") && text.size() == 5 && text[4] >= '1' && text[4] <= '9') {
    Grouping grouping(GroupBy::kKey);
    grouping.depth = static_cast<size_t>(text[4] - '0');
    return grouping;
  }
  if (is_property(text)) {
    Grouping grouping(GroupBy::kProperty);
    grouping.property = text;
    return grouping;
  }
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("group by \"{}\": expected status, error, cold, key, key/2 to key/9, lane, "
                  "retry, batch, minute, input.PATH, span.ATTRIBUTE or function",
                  text));
}

std::vector<RowGroup> group_rows(const Columns& columns, RowSpan rows, const Grouping& grouping) {
  const TextNumbers texts(columns, grouping);
  const GroupBy by = grouping.by;
  std::map<uint64_t, std::pair<RowGroup, std::vector<int64_t>>> groups;
  std::vector<uint64_t> values;
  for (const uint32_t row : rows) {
    if (by == GroupBy::kError && !columns.failed(row)) continue;
    if (is_text(by)) {
      texts.numbers(row, values);
    } else {
      values.assign(1, value_of(columns, row, by));
    }
    for (const uint64_t value : values) {
      auto [found, fresh] = groups.try_emplace(value);
      auto& [group, durations] = found->second;
      if (fresh) group = {.value = value, .slowest = row};
      ++group.count;
      group.failed += columns.failed(row) ? 1 : 0;
      group.total += columns.duration[row];
      if (columns.duration[row] > columns.duration[group.slowest]) group.slowest = row;
      durations.push_back(columns.duration[row]);
    }
  }
  std::vector<RowGroup> out;
  for (auto& [value, found] : groups) {
    found.first.duration = metrics::percentiles(std::move(found.second));
    out.push_back(found.first);
  }
  return out;
}

std::string value_text(const Columns& columns, const Grouping& grouping, uint64_t value) {
  switch (grouping.by) {
    case GroupBy::kStatus:
      return std::string(history::to_string(static_cast<history::ExecutionStatus>(value)));
    case GroupBy::kCold:
      return value == 0 ? "no cold start" : "cold start";
    case GroupBy::kKey:
    case GroupBy::kProperty: {
      const TextColumn* column = text_column(columns, grouping);
      if (column == nullptr || value >= column->values.size()) return "(none)";
      std::string_view text = column->values.text(static_cast<uint32_t>(value));
      if (grouping.by == GroupBy::kKey && text != Dictionary::kOther) {
        text = key_prefix(text, grouping.depth);
      }
      return text.empty() ? "(none)" : std::string(text);
    }
    case GroupBy::kLane:
      return fmt::format("lane {}", value);
    case GroupBy::kRetry:
      return fmt::format("{} {}", value, value == 1 ? "retry" : "retries");
    case GroupBy::kBatch:
      return fmt::format("{} {}", value, value == 1 ? "item" : "items");
    case GroupBy::kMinute:
      return fmt::format("minute {}", value);
    case GroupBy::kError:
      break;
  }
  return fmt::format("err:{}", value);
}

base::Result<GroupOrder> parse_group_order(std::string_view text) {
  const size_t colon = std::min(text.find(':'), text.size());
  const std::string_view direction = text.substr(colon);
  if (direction.empty() || direction == ":asc" || direction == ":desc") {
    for (const auto& [name, by] : kSorts) {
      if (text.substr(0, colon) != name) continue;
      const bool descending = by != GroupSort::kValue;
      return GroupOrder{by, direction.empty() ? descending : direction == ":desc"};
    }
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("sort \"{}\": groups are sorted by count, failed, p50, p95, p99, max, "
                          "total or value, and then \":asc\" or \":desc\"",
                          text));
}

std::vector<size_t> ordered(const std::vector<RowGroup>& groups, GroupOrder order) {
  std::vector<size_t> positions(groups.size());
  std::iota(positions.begin(), positions.end(), size_t{0});
  std::ranges::sort(positions, {}, [&](size_t at) {
    const int64_t key = sort_key(groups[at], order.by);
    return std::pair{order.descending ? -key : key, at};
  });
  return positions;
}

}  // namespace weft::columns

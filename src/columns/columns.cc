#include "columns/columns.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace weft::columns {

uint32_t Dictionary::number(std::string_view text) {
  if (const auto found = numbers_.find(std::string(text)); found != numbers_.end()) {
    return found->second;
  }
  if (texts_.size() >= kLimit && text != kOther) return number(kOther);
  const auto fresh = static_cast<uint32_t>(texts_.size());
  texts_.emplace_back(text);
  numbers_.emplace(text, fresh);
  return fresh;
}

bool Columns::failed(uint32_t row) const { return history::is_failure(status[row]); }

bool Columns::has_key(uint32_t row, uint64_t hash) const {
  const auto further = part_of_row(further_key_hash, further_key_end, row);
  return key_hash[row] == hash || std::ranges::find(further, hash) != further.end();
}

int64_t Columns::other(uint32_t row) const {
  return std::max<int64_t>(0, duration[row] - queue[row] - cold[row] - run[row]);
}

void Columns::append(const history::ChildRow& row) {
  index.push_back(row.index);
  start.push_back(row.start_ms * 1'000 - origin_us);
  duration.push_back(row.duration_us);
  lane.push_back(row.lane);
  status.push_back(row.status);
  retries.push_back(row.retries);
  error_group.push_back(row.error_group);
  cold.push_back(row.cold_start_us);
  queue.push_back(row.queue_us);
  run.push_back(row.run_us);
  items.push_back(row.items);
  input_bytes.push_back(row.input_bytes);
  output_bytes.push_back(row.output_bytes);
}

void Columns::reserve(size_t rows) {
  index.reserve(rows);
  start.reserve(rows);
  duration.reserve(rows);
  lane.reserve(rows);
  status.reserve(rows);
  retries.reserve(rows);
  error_group.reserve(rows);
  cold.reserve(rows);
  queue.reserve(rows);
  run.reserve(rows);
  items.reserve(rows);
  input_bytes.reserve(rows);
  output_bytes.reserve(rows);
}

size_t Columns::bytes() const {
  size_t kept = (key_hash.size() + further_key_hash.size()) * 8 + further_key_end.size() * 4;
  for (const auto& [name, column] : properties) kept += column.bytes();
  return index.bytes() + start.bytes() + duration.bytes() + lane.bytes() + status.bytes() +
         retries.bytes() + error_group.bytes() + cold.bytes() + queue.bytes() + run.bytes() +
         items.bytes() + input_bytes.bytes() + output_bytes.bytes() + folder.bytes() + kept +
         sizeof *this;
}

Rows all_rows(const Columns& columns) {
  Rows rows(columns.size());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

std::string_view key_prefix(std::string_view key, size_t depth) {
  size_t end = 0;
  for (size_t level = 0; level < depth; ++level) {
    const size_t slash = key.find('/', end);
    if (slash == std::string_view::npos) break;
    end = slash + 1;
  }
  return key.substr(0, end);
}

std::string_view folder_of(std::string_view key) { return key.substr(0, key.rfind('/') + 1); }

uint64_t hash_of_key(std::string_view key) { return std::hash<std::string_view>()(key); }

Range extent(const Columns& columns, const Rows& rows) {
  if (rows.empty()) return {0, 1};
  Range range{std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  for (const uint32_t row : rows) {
    range.from = std::min(range.from, columns.start[row]);
    range.to = std::max(range.to, columns.end(row));
  }
  ++range.to;
  return range;
}

}  // namespace weft::columns

#include "columns/columns.h"

#include <algorithm>
#include <limits>

#include "columns/batches.h"

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

size_t Columns::bytes() const {
  size_t kept = key_hash.bytes() + further_key_hash.size() * 8 + further_key_end.size() * 4;
  for (const auto& [name, column] : properties) kept += column.bytes();
  return index.bytes() + start.bytes() + duration.bytes() + lane.bytes() + status.bytes() +
         retries.bytes() + error_group.bytes() + cold.bytes() + queue.bytes() + run.bytes() +
         items.bytes() + input_bytes.bytes() + output_bytes.bytes() + folder.bytes() + kept +
         sizeof *this;
}

RowSpan all_rows(const Columns& columns) { return RowSpan::all(columns.size()); }

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

uint64_t hash_of_key(std::string_view key) {
  return std::hash<std::string_view>()(key) & ((uint64_t{1} << 48) - 1);
}

Range extent(const Columns& columns, RowSpan rows) {
  if (rows.empty()) return {0, 1};
  Range range{std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  const auto add = [&](size_t from, size_t to) {
    Times times;
    each_batch(rows, from, to, [&](const Batch& batch) {
      times.read(columns, batch);
      for (size_t i = 0; i < batch.size(); ++i) {
        range.from = std::min(range.from, times.start[i]);
        range.to = std::max(range.to, times.end[i]);
      }
    });
  };
  constexpr size_t kBlock = Packed<int64_t>::kBlock;
  if (rows.list() != nullptr) add(0, rows.size());
  // Of all rows the last are looked at first: what is known of a block mostly says that it changes
  // nothing.
  for (size_t end = rows.list() != nullptr ? 0 : rows.size(); end > 0;) {
    const size_t from = (end - 1) / kBlock * kBlock;
    const Bounds<int64_t> start = columns.start.bounds(from, end);
    const Bounds<int64_t> duration = columns.duration.bounds(from, end);
    int64_t latest = 0;
    const bool known = !__builtin_add_overflow(start.most, duration.most, &latest);
    if (!known || start.least < range.from || latest > range.to) add(from, end);
    end = from;
  }
  ++range.to;
  return range;
}

}  // namespace weft::columns

#include "columns/errors.h"

#include <algorithm>
#include <unordered_map>

#include "columns/batches.h"

namespace weft::columns {
namespace {

struct Building {
  ErrorGroup group;
  uint32_t first_row = 0;
  uint32_t slowest_row = 0;
  uint32_t last_row = 0;
};

size_t spark_bucket(int64_t time, Range range) {
  const auto width = static_cast<double>(std::max<int64_t>(1, range.to - range.from));
  const double at = static_cast<double>(time - range.from) / width * kSparkBuckets;
  return static_cast<size_t>(std::clamp(at, 0.0, kSparkBuckets - 1.0));
}

void add(const Columns& columns, uint32_t row, Range range, Building& building) {
  ErrorGroup& group = building.group;
  const int64_t end = columns.end(row);
  if (group.count++ == 0) {
    group.fingerprint = columns.error_group[row];
    group.spark.resize(kSparkBuckets);
    group.first = group.last = end;
    building.first_row = building.slowest_row = building.last_row = row;
  }
  if (end < group.first) {
    group.first = end;
    building.first_row = row;
  }
  if (end > group.last) {
    group.last = end;
    building.last_row = row;
  }
  if (columns.duration[row] > columns.duration[building.slowest_row]) building.slowest_row = row;
  ++group.spark[spark_bucket(end, range)];
}

}  // namespace

ErrorGroups group_errors(const Columns& columns, RowSpan rows, Range range, size_t limit) {
  std::unordered_map<uint32_t, Building> found;
  Values<uint32_t> groups;
  each_batch(rows, [&](const Batch& batch) {
    batch.read(columns.error_group, groups);
    for (size_t i = 0; i < batch.size(); ++i)
      if (groups[i] != 0) add(columns, batch.row(i), range, found[groups[i]]);
  });
  ErrorGroups result;
  for (auto& [fingerprint, building] : found) {
    for (const uint32_t row : {building.first_row, building.slowest_row, building.last_row}) {
      Rows& exemplars = building.group.exemplars;
      if (std::ranges::find(exemplars, row) == exemplars.end()) exemplars.push_back(row);
    }
    result.groups.push_back(std::move(building.group));
  }
  std::ranges::sort(result.groups, [](const ErrorGroup& a, const ErrorGroup& b) {
    return a.count != b.count ? a.count > b.count : a.fingerprint < b.fingerprint;
  });
  result.total = result.groups.size();
  for (size_t i = limit; i < result.groups.size(); ++i) result.other += result.groups[i].count;
  if (result.groups.size() > limit) result.groups.resize(limit);
  return result;
}

}  // namespace weft::columns

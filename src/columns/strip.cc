#include "columns/strip.h"

#include <algorithm>
#include <cmath>

#include "metrics/percentile.h"

namespace weft::columns {
namespace {

// Time measured in buckets.
class Scale {
 public:
  Scale(Range range, size_t buckets)
      : range_(range),
        per_us_(static_cast<double>(buckets) /
                static_cast<double>(std::max<int64_t>(1, range.to - range.from))) {}
  bool holds(int64_t time) const { return time >= range_.from && time < range_.to; }
  double at(int64_t time) const {
    return static_cast<double>(std::clamp(time, range_.from, range_.to) - range_.from) * per_us_;
  }

 private:
  Range range_;
  double per_us_;
};

// Buckets that a child covers wholly are counted by their ends in `change`; the two at its edges
// get their share at once.
void cover(double begin, double end, std::vector<StripBucket>& strip, std::vector<double>& change) {
  const auto last_bucket = static_cast<double>(strip.size());
  if (end <= begin || begin >= last_bucket) return;
  const auto first = static_cast<size_t>(begin);
  const auto last = static_cast<size_t>(end);  // may be one past the strip
  if (first == last) {
    strip[first].running += end - begin;
    return;
  }
  strip[first].running += static_cast<double>(first + 1) - begin;
  if (last < strip.size()) strip[last].running += end - static_cast<double>(last);
  change[first + 1] += 1;
  change[last] -= 1;
}

}  // namespace

std::vector<StripBucket> strip(const Columns& columns, const Rows& rows, Range range,
                               size_t buckets) {
  std::vector<StripBucket> result(buckets);
  if (buckets == 0) return result;
  const Scale scale(range, buckets);
  const auto bucket_of = [&](int64_t time) {
    return std::min(buckets - 1, static_cast<size_t>(scale.at(time)));
  };
  std::vector<double> change(buckets + 1);
  for (const uint32_t row : rows) {
    const int64_t start = columns.start[row];
    const int64_t end = columns.end(row);
    cover(scale.at(start), scale.at(end), result, change);
    if (scale.holds(start)) ++result[bucket_of(start)].starts;
    if (!scale.holds(end)) continue;
    StripBucket& bucket = result[bucket_of(end)];
    ++bucket.ends;
    bucket.errors += columns.failed(row) ? 1 : 0;
  }
  std::vector<std::vector<int64_t>> durations(buckets);
  double covering = 0;
  for (size_t i = 0; i < buckets; ++i) {
    covering += change[i];
    result[i].running += covering;
    durations[i].reserve(result[i].ends);
  }
  for (const uint32_t row : rows) {
    const int64_t end = columns.end(row);
    if (scale.holds(end)) durations[bucket_of(end)].push_back(columns.duration[row]);
  }
  for (size_t i = 0; i < buckets; ++i) {
    const metrics::Percentiles found = metrics::percentiles(std::move(durations[i]));
    result[i].p50 = found.p50;
    result[i].p95 = found.p95;
    result[i].max = found.max;
  }
  return result;
}

}  // namespace weft::columns

#include "columns/strip.h"

#include <algorithm>
#include <cmath>

#include "columns/batches.h"
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
  size_t bucket(int64_t time, size_t buckets) const {
    return std::min(buckets - 1, static_cast<size_t>(at(time)));
  }
  double at(int64_t time) const {
    return static_cast<double>(std::clamp(time, range_.from, range_.to) - range_.from) * per_us_;
  }

 private:
  Range range_;
  double per_us_;
};

// Buckets that a child covers wholly are counted by their ends in `change`; the two at its edges
// get their share at once.
void cover(double begin, double end, StripBucket* strip, size_t buckets, double* change) {
  const auto last_bucket = static_cast<double>(buckets);
  if (end <= begin || begin >= last_bucket) return;
  const auto first = static_cast<size_t>(begin);
  const auto last = static_cast<size_t>(end);  // may be one past the strip
  if (first == last) {
    strip[first].running += end - begin;
    return;
  }
  strip[first].running += static_cast<double>(first + 1) - begin;
  if (last < buckets) strip[last].running += end - static_cast<double>(last);
  change[first + 1] += 1;
  change[last] -= 1;
}

// Where among the rows those stand that end in a bucket.
struct Places {
  size_t first = 0;
  size_t last = 0;
};

// Durations that are held at once. Rows are in the order of ends, or nearly: what a few buckets
// take lies together.
constexpr uint64_t kTogether = 1u << 18;

// Of the buckets from `first` to before `end`.
void add_percentiles_of(const Columns& columns, RowSpan rows, const Scale& scale, Places places,
                        size_t first, size_t end, std::vector<StripBucket>& strip) {
  std::vector<std::vector<int64_t>> durations(end - first);
  for (size_t i = first; i < end; ++i) durations[i - first].reserve(strip[i].ends);
  Times times;
  each_batch(rows, places.first, places.last + 1, [&](const Batch& batch) {
    times.read(columns, batch);
    for (size_t i = 0; i < batch.size(); ++i) {
      if (!scale.holds(times.end[i])) continue;
      const size_t at = scale.bucket(times.end[i], strip.size());
      if (at >= first && at < end) durations[at - first].push_back(times.duration[i]);
    }
  });
  for (size_t i = first; i < end; ++i) {
    const metrics::Percentiles found = metrics::percentiles(std::move(durations[i - first]));
    strip[i].p50 = found.p50;
    strip[i].p95 = found.p95;
    strip[i].max = found.max;
  }
}

void add_percentiles(const Columns& columns, RowSpan rows, const Scale& scale,
                     const std::vector<Places>& places, Together* together,
                     std::vector<StripBucket>& strip) {
  struct Group {
    Places places;
    size_t first;
    size_t end;
  };
  const size_t width = together == nullptr ? 1 : std::max<size_t>(1, together->width());
  uint64_t all = 0;
  for (const StripBucket& bucket : strip) all += bucket.ends;
  const uint64_t most =
      all < kRowsTogether ? kTogether : std::min<uint64_t>(kTogether, all / width + 1);
  std::vector<Group> groups;
  for (size_t first = 0, end = 0; first < strip.size(); first = end) {
    uint64_t held = 0;
    Places joined{.first = rows.size(), .last = 0};
    for (end = first; end < strip.size() && (end == first || held + strip[end].ends <= most);
         ++end) {
      if (strip[end].ends == 0) continue;
      held += strip[end].ends;
      joined.first = std::min(joined.first, places[end].first);
      joined.last = std::max(joined.last, places[end].last);
    }
    if (held > 0) groups.push_back({joined, first, end});
  }
  // Each writes to buckets of its own.
  const auto one = [&](size_t i) {
    const Group& group = groups[i];
    add_percentiles_of(columns, rows, scale, group.places, group.first, group.end, strip);
  };
  if (together != nullptr && all >= kRowsTogether) {
    together->run(groups.size(), one);
  } else {
    for (size_t i = 0; i < groups.size(); ++i) one(i);
  }
}

// What is counted of some rows.
struct Counted {
  std::vector<StripBucket> strip;
  std::vector<double> change;
  std::vector<Places> places;

  explicit Counted(size_t buckets) : strip(buckets), change(buckets + 1), places(buckets) {}
  // What was counted of rows after all of these.
  void add(const Counted& later) {
    for (size_t i = 0; i < strip.size(); ++i) {
      StripBucket& one = strip[i];
      const StripBucket& other = later.strip[i];
      if (other.ends > 0) {
        if (one.ends == 0) places[i].first = later.places[i].first;
        places[i].last = later.places[i].last;
      }
      one.running += other.running;
      one.starts += other.starts;
      one.ends += other.ends;
      one.errors += other.errors;
    }
    for (size_t i = 0; i < change.size(); ++i) change[i] += later.change[i];
  }
};

}  // namespace

std::vector<StripBucket> strip(const Columns& columns, RowSpan rows, Range range, size_t buckets,
                               Together* together) {
  if (buckets == 0) return {};
  const Scale scale(range, buckets);
  auto parts =
      each_part(rows, together, Counted(buckets), [&](size_t from, size_t to, Counted& counted) {
        Times times;
        Failed failed;
        each_batch(rows, from, to, [&](const Batch& batch) {
          times.read(columns, batch);
          failed.read(columns, batch);
          for (size_t i = 0; i < batch.size(); ++i) {
            const int64_t start = times.start[i];
            const int64_t end = times.end[i];
            cover(scale.at(start), scale.at(end), counted.strip.data(), buckets,
                  counted.change.data());
            if (scale.holds(start)) ++counted.strip.data()[scale.bucket(start, buckets)].starts;
            if (!scale.holds(end)) continue;
            const size_t at = scale.bucket(end, buckets);
            StripBucket& bucket = counted.strip.data()[at];
            if (bucket.ends++ == 0) counted.places.data()[at].first = batch.first() + i;
            counted.places.data()[at].last = batch.first() + i;
            bucket.errors += failed[i] ? 1 : 0;
          }
        });
      });
  Counted& all = parts.front();
  for (size_t part = 1; part < parts.size(); ++part) all.add(parts[part]);
  double covering = 0;
  for (size_t i = 0; i < buckets; ++i) {
    covering += all.change[i];
    all.strip[i].running += covering;
  }
  add_percentiles(columns, rows, scale, all.places, together, all.strip);
  return std::move(all.strip);
}

}  // namespace weft::columns

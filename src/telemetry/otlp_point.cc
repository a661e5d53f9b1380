#include "telemetry/otlp_point.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "telemetry/span_limits.h"

namespace weft::telemetry {
namespace {

using Kind = OtlpPoint::Kind;

// The middle of a bucket; where it has no end, the end it has.
double middle_of(const OtlpPoint& point, int64_t bucket) {
  if (point.kind == Kind::kExponentialHistogram)
    return std::exp2((static_cast<double>(bucket) + 0.5) * std::exp2(-point.scale));
  const auto at = static_cast<size_t>(bucket);
  const bool first = at == 0;
  const bool last = at == point.bounds.size();
  const double upper = last ? point.max.value_or(point.bounds.back()) : point.bounds[at];
  const double lower = first ? point.min.value_or(std::min(0.0, upper)) : point.bounds[at - 1];
  return lower < upper ? std::midpoint(lower, upper) : upper;
}

void set_distribution(const OtlpPoint& point, MetricPoint& metric) {
  const size_t filled = point.buckets.size() + (point.zeros > 0 ? 1 : 0);
  const bool unsorted = filled == 0 && point.count > 0 && point.sum;
  if (unsorted || (filled == 1 && point.zeros == 0 && point.sum)) {
    // All of them in one bucket: their mean is nearer than its middle.
    const uint64_t count = unsorted ? point.count : point.buckets.begin()->second;
    metric.values = {*point.sum / static_cast<double>(count)};
    metric.counts = {count};
  } else {
    if (point.zeros > 0) {
      metric.values.push_back(0);
      metric.counts.push_back(point.zeros);
    }
    for (const auto& [bucket, count] : point.buckets) {
      metric.values.push_back(middle_of(point, bucket));
      metric.counts.push_back(count);
    }
  }
  metric.sum = point.sum;
}

bool all_finite(const MetricPoint& metric) {
  return std::ranges::all_of(metric.values, [](double value) { return std::isfinite(value); }) &&
         std::isfinite(metric.sum.value_or(0));
}

}  // namespace

size_t OtlpPoint::bucket_bytes() const {
  return buckets.size() * kBucketBytes + bounds.size() * sizeof(double);
}

void set_explicit_buckets(const std::vector<uint64_t>& counts, std::vector<double> bounds,
                          OtlpPoint& point) {
  const bool fits = counts.empty() ? bounds.empty() : counts.size() == bounds.size() + 1;
  const bool grows = std::ranges::is_sorted(bounds) &&
                     std::ranges::all_of(bounds, [](double one) { return std::isfinite(one); });
  if (!fits || !grows || counts.size() > OtlpPoint::kBucketsMax) {
    point.valid = false;
    return;
  }
  // One bucket without bounds says no more than the count.
  for (size_t i = 0; i < counts.size() && !bounds.empty(); ++i) {
    if (counts[i] > 0) point.buckets[static_cast<int64_t>(i)] = counts[i];
  }
  point.bounds = std::move(bounds);
}

void add_exponential_buckets(int64_t offset, const std::vector<uint64_t>& counts, bool negative,
                             OtlpPoint& point) {
  if (counts.size() > OtlpPoint::kBucketsMax) point.valid = false;
  for (size_t i = 0; i < counts.size() && point.valid; ++i) {
    if (negative) {
      point.zeros += counts[i];
    } else if (counts[i] > 0) {
      point.buckets[offset + static_cast<int64_t>(i)] = counts[i];
    }
  }
}

bool with_metric_point(const OtlpPoint& point,
                       const std::function<bool(const MetricPoint&)>& visit) {
  const bool added = point.delta || point.kind == Kind::kGauge ||
                     (point.kind == Kind::kSum && !point.monotonic && point.cumulative);
  if (!point.valid || point.kind == Kind::kSummary || !added) return false;
  MetricPoint metric{.name = point.name};
  if (point.kind == Kind::kHistogram || point.kind == Kind::kExponentialHistogram) {
    metric.type = MetricPoint::Type::kDistribution;
    set_distribution(point, metric);
    if (metric.values.empty()) return point.count == 0;
  } else {
    const bool counts = point.kind == Kind::kSum && point.monotonic;
    metric.type = counts ? MetricPoint::Type::kCount : MetricPoint::Type::kGauge;
    metric.adds = point.kind == Kind::kSum && point.delta && !counts;
    metric.values = {point.value};
  }
  if (!all_finite(metric)) return false;
  std::vector<std::string> tags;
  tags.reserve(point.attributes.size());
  for (const auto& [key, value] : point.attributes) {
    std::string tag = key;
    std::ranges::replace(tag, ':', '_');
    tags.push_back(std::move(tag) + ":" + value);
  }
  metric.tags.assign(tags.begin(), tags.end());
  return visit(metric);
}

}  // namespace weft::telemetry

#include "metrics/sketch.h"

#include <algorithm>
#include <cmath>

#include "metrics/percentile.h"

namespace weft::metrics {
namespace {

constexpr double kError = 0.01;
constexpr double kGamma = (1 + kError) / (1 - kError);
const double kLogGamma = std::log(kGamma);

int32_t bucket_of(double value) {
  return static_cast<int32_t>(std::ceil(std::log(value) / kLogGamma));
}

}  // namespace

void Sketch::add(double value, uint64_t count) {
  if (count == 0) return;
  value = std::max(value, 0.0);
  if (value == 0) {
    zeros_ += count;
  } else {
    buckets_[bucket_of(value)] += count;
  }
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  sum_ += value * static_cast<double>(count);
  count_ += count;
}

bool Sketch::grows_by(double value) const {
  return value > 0 && !buckets_.contains(bucket_of(value));
}

void Sketch::merge(const Sketch& other) {
  if (other.count_ == 0) return;
  for (const auto& [index, count] : other.buckets_) buckets_[index] += count;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  zeros_ += other.zeros_;
  sum_ += other.sum_;
  count_ += other.count_;
}

double Sketch::quantile(double quantile) const {
  if (count_ == 0) return 0;
  const uint64_t rank = nearest_rank(count_, quantile);
  if (rank < zeros_) return 0;
  uint64_t seen = zeros_;
  for (const auto& [index, count] : buckets_) {
    seen += count;
    if (seen > rank) {
      return std::clamp(2 * std::pow(kGamma, index) / (kGamma + 1), min_, max_);
    }
  }
  return max_;
}

uint64_t Sketch::count_up_to(double value) const {
  if (value < 0) return 0;
  if (value >= max_) return count_;
  uint64_t seen = zeros_;
  for (const auto& [index, count] : buckets_) {
    // A bucket counts by its middle value.
    if (2 * std::pow(kGamma, index) / (kGamma + 1) > value) break;
    seen += count;
  }
  return seen;
}

void Sketch::for_each(const std::function<void(double, uint64_t)>& visit) const {
  if (zeros_ > 0) visit(0, zeros_);
  for (const auto& [index, count] : buckets_) {
    visit(std::clamp(2 * std::pow(kGamma, index) / (kGamma + 1), min_, max_), count);
  }
}

Sketch Sketch::since(const Sketch& earlier) const {
  Sketch out;
  out.zeros_ = zeros_ - earlier.zeros_;
  out.count_ = count_ - earlier.count_;
  out.sum_ = sum_ - earlier.sum_;
  for (const auto& [index, count] : buckets_) {
    const auto before = earlier.buckets_.find(index);
    const uint64_t added = count - (before == earlier.buckets_.end() ? 0 : before->second);
    if (added > 0) out.buckets_.emplace(index, added);
  }
  if (out.count_ == 0) return {};
  const auto value_of = [](int32_t index) { return 2 * std::pow(kGamma, index) / (kGamma + 1); };
  if (!out.buckets_.empty()) {
    out.max_ = std::min(max_, value_of(out.buckets_.rbegin()->first));
    out.min_ = std::max(min_, value_of(out.buckets_.begin()->first));
  }
  if (out.zeros_ > 0) out.min_ = 0;
  return out;
}

}  // namespace weft::metrics

#pragma once

#include <cstdint>
#include <functional>
#include <map>

namespace weft::metrics {

// Percentiles of any number of values in little memory: counts in buckets whose bounds grow by 2 %,
// so that every quantile is within 1 % of the true value. Sketches of parts merge to the sketch of
// the whole. (DDSketch with logarithmic mapping. Durations from 1 us
// to a day take at most 1,259 buckets.)
class Sketch {
 public:
  // Values of 0 and below count as 0.
  void add(double value, uint64_t count = 1);
  void merge(const Sketch& other);
  // Of values that are only known by bucket, the sum may be known better.
  void correct_sum(double difference) { sum_ += difference; }

  // How many buckets it has, each of which takes memory; whether `value` would need another.
  size_t buckets() const { return buckets_.size(); }
  bool grows_by(double value) const;

  uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  double min() const { return min_; }
  double max() const { return max_; }
  // By the nearest-rank rule, as exact percentiles (percentile.h). 0 for an empty sketch.
  double quantile(double quantile) const;
  // How many values are at most `value`, which counts as 1 % larger or smaller.
  uint64_t count_up_to(double value) const;
  // Visits what is in it, in growing order: `value` stands for `count` measured ones, within 1 %.
  void for_each(const std::function<void(double value, uint64_t count)>& visit) const;
  // What was added since it was `earlier`. The smallest and largest of that are within 1 %.
  Sketch since(const Sketch& earlier) const;

 private:
  std::map<int32_t, uint64_t> buckets_;  // i counts the values in (gamma^(i-1), gamma^i]
  uint64_t zeros_ = 0;
  uint64_t count_ = 0;
  double sum_ = 0;
  double min_ = 0;
  double max_ = 0;
};

}  // namespace weft::metrics

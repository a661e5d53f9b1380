#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/sketch.h"

// Named numbers with labels: what a process counts and measures. Values only; who owns a registry
// gives it to one thread at a time, and registries of several threads merge to one.

namespace weft::metrics {

// Sorted by name; a value is never an execution's ARN or anything else without bound.
using Labels = std::vector<std::pair<std::string, std::string>>;

template <typename Value>
using Family = std::map<Labels, Value>;

// Series by name and labels, made by the first that counts. Not thread-safe. Memory: at most
// kSeriesMax series a name, each a number or a sketch of bounded size.
class Registry {
 public:
  // Series of one name; what comes beyond them is counted under the label overflow="true" and the
  // labels that must never be mixed (kNeverMixed).
  static constexpr size_t kSeriesMax = 2'000;
  static constexpr std::string_view kNeverMixed = "is_distributed_map_child";

  // References stay valid as long as the registry.
  uint64_t& counter(std::string_view name, Labels labels);
  Sketch& distribution(std::string_view name, Labels labels);
  // A gauge of several registries is their sum or their largest.
  void add_to_gauge(std::string_view name, Labels labels, double value);
  void raise_gauge(std::string_view name, Labels labels, double value);

  void merge(const Registry& other);

  const std::map<std::string, Family<uint64_t>, std::less<>>& counters() const { return counters_; }
  const std::map<std::string, Family<Sketch>, std::less<>>& distributions() const {
    return distributions_;
  }
  const std::map<std::string, Family<double>, std::less<>>& gauges() const { return sums_; }
  const std::map<std::string, Family<double>, std::less<>>& largest() const { return largest_; }

 private:
  std::map<std::string, Family<uint64_t>, std::less<>> counters_;
  std::map<std::string, Family<Sketch>, std::less<>> distributions_;
  std::map<std::string, Family<double>, std::less<>> sums_;
  std::map<std::string, Family<double>, std::less<>> largest_;
};

}  // namespace weft::metrics

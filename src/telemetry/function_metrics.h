#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "metrics/registry.h"
#include "telemetry/dogstatsd.h"

namespace weft::telemetry {

// What functions count and measure themselves, since the start. Names and tags are written as
// Prometheus allows; a name has the type it was first sent with. Thread-safe.
class FunctionMetrics {
 public:
  // Bounds: names, tags of a point, bytes of a name, tag or value, different members of a set.
  // Series of a name: metrics::Registry::kSeriesMax.
  static constexpr size_t kNamesMax = 1'000;
  static constexpr size_t kTagsMax = 50;
  static constexpr size_t kTextBytesMax = 200;
  static constexpr size_t kSetMembersMax = 10'000;

  // `call`: labels of the call of a function that sent it, {} when not known; they win over tags.
  // False, and nothing is taken: a name of Weft's own or beyond kNamesMax, another type than
  // before, a counter that would fall.
  bool take(const MetricPoint& point, const metrics::Labels& call);

  // Sets become gauges: the number of different members.
  void add_to(metrics::Registry& registry) const;

 private:
  struct Metric {
    MetricPoint::Type type = MetricPoint::Type::kCount;
    std::string name;
    metrics::Family<double> numbers;  // counters, gauges
    metrics::Family<metrics::Sketch> distributions;
    metrics::Family<std::unordered_set<size_t>> sets;  // hashes of the members
  };
  Metric* metric_of(const MetricPoint& point);

  mutable std::mutex mutex_;
  std::map<std::string, Metric, std::less<>> metrics_;  // by the name shown
};

}  // namespace weft::telemetry

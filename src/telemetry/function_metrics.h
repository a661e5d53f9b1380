#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "metrics/registry.h"
#include "sync/mutex.h"
#include "telemetry/dogstatsd.h"
#include "trace/redact.h"

namespace weft::telemetry {

// What functions count and measure themselves, since the start. Names and tags are written as
// Prometheus allows, names and values of tags without secrets; a name has the type it was first
// sent with.
// Thread-safe.
class FunctionMetrics {
 public:
  // Bounds: names, tags of a point, bytes of a name, tag or value, different members of a set.
  // Series of a name: metrics::Registry::kSeriesMax.
  static constexpr size_t kNamesMax = 1'000;
  static constexpr size_t kTagsMax = 50;
  static constexpr size_t kTextBytesMax = 200;
  static constexpr size_t kSetMembersMax = 10'000;
  // Of all names: series, and bytes of memory, about. Beyond these a new series counts under
  // overflow="true" of its name; new names, new members of sets, and values of distributions that
  // need another bucket are not taken.
  static constexpr size_t kSeriesOfAllMax = 20'000;
  static constexpr size_t kBytesMax = 64u << 20;

  explicit FunctionMetrics(trace::Redactor redactor = {}) : redactor_(std::move(redactor)) {}

  // `call`: labels of the call of a function that sent it, {} when not known; they win over tags.
  // False, and nothing is taken: a name of Weft's own or beyond kNamesMax, another type than
  // before, a counter that would fall, a sum beyond a double, too much (see above).
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
  // A tag as it is shown.
  using Label = std::pair<std::string, std::string>;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  Label shown(std::string_view tag) const;
  std::string clean_name(std::string_view name) const;
  metrics::Labels labels_of(const MetricPoint& point, const metrics::Labels& call)
      WEFT_REQUIRES(mutex_);
  std::string name_of(const MetricPoint& point) WEFT_REQUIRES(mutex_);
  Metric* metric_of(const MetricPoint& point) WEFT_REQUIRES(mutex_);
  template <typename Value>
  Value& series(metrics::Family<Value>& family, metrics::Labels labels) WEFT_REQUIRES(mutex_);
  bool full() const WEFT_REQUIRES(mutex_) {
    return series_ >= kSeriesOfAllMax || bytes_ >= kBytesMax;
  }
  bool count(const MetricPoint& point, double& sum);
  bool set_gauge(const MetricPoint& point, double& value);
  bool add_values(const MetricPoint& point, metrics::Sketch& sketch) WEFT_REQUIRES(mutex_);
  bool add_member(const MetricPoint& point, std::unordered_set<size_t>& members)
      WEFT_REQUIRES(mutex_);

  const trace::Redactor redactor_;
  mutable sync::Mutex mutex_;
  size_t series_ WEFT_GUARDED_BY(mutex_) = 0;
  size_t bytes_ WEFT_GUARDED_BY(mutex_) = 0;
  // By tag, and by name as it was sent: hiding takes longer than finding.
  std::unordered_map<std::string, Label, Hash, std::equal_to<>> shown_ WEFT_GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> names_
      WEFT_GUARDED_BY(mutex_);
  std::map<std::string, Metric, std::less<>> metrics_ WEFT_GUARDED_BY(mutex_);  // by the name shown
};

}  // namespace weft::telemetry

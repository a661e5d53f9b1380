#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "telemetry/dogstatsd.h"

namespace weft::telemetry {

// One data point of an OTLP metric (opentelemetry-proto, metrics/v1).
struct OtlpPoint {
  enum class Kind : uint8_t {
    kSum,
    kGauge,
    kHistogram,             // with explicit bounds
    kExponentialHistogram,  // whose bounds are the powers of 2^(2^-scale)
    kSummary,               // of which nothing else is read
  };
  Kind kind = Kind::kGauge;
  bool delta = false;       // of sums and histograms: since the last point; else...
  bool cumulative = false;  // ...since the start
  bool monotonic = false;   // of sums
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  size_t resource = 0;    // hash of the resource it came with
  uint64_t start_ns = 0;  // Unix epoch
  uint64_t time_ns = 0;
  double value = 0;  // of sums and gauges
  // Of histograms. Buckets that are not empty, by number: of explicit bounds the bucket below
  // bounds[number]; of powers of the base b those in (b^number, b^(number + 1)].
  std::map<int64_t, uint64_t> buckets;
  std::vector<double> bounds;
  int32_t scale = 0;
  uint64_t zeros = 0;  // zeros and what is below, which the powers do not reach
  uint64_t count = 0;
  std::optional<double> sum;
  std::optional<double> min;
  std::optional<double> max;
  bool valid = true;  // false: beyond a bound, or its members contradict each other

  // What its buckets take, in bytes.
  size_t bucket_bytes() const;

  // Buckets of a histogram.
  static constexpr size_t kBucketsMax = 512;
  // What an exponential histogram may have (OpenTelemetry's SDKs: -10 to 20).
  static constexpr int32_t kScaleMin = -10;
  static constexpr int32_t kScaleMax = 20;
};

// OTLP/HTTP's ExportMetricsServiceRequest. Points marked as without value are left out. Errors as
// in decode_traces.h.
base::Result<std::vector<OtlpPoint>> decode_otlp_metrics_protobuf(std::string_view body);
base::Result<std::vector<OtlpPoint>> decode_otlp_metrics_json(std::string_view body);

// What the two encodings share: the lists of a histogram as they were sent.
void set_explicit_buckets(const std::vector<uint64_t>& counts, std::vector<double> bounds,
                          OtlpPoint& point);
void add_exponential_buckets(int64_t offset, const std::vector<uint64_t>& counts, bool negative,
                             OtlpPoint& point);

// Shows a point, of which sums and histograms hold what was added, as one of DogStatsD: monotonic
// sums as counts, others as gauges that are added to, histograms as distributions of which each
// bucket's values count as its middle. `visit` gets it, with texts that live as long as the call.
// False: no such point, or none that is valid.
bool with_metric_point(const OtlpPoint& point,
                       const std::function<bool(const MetricPoint&)>& visit);

}  // namespace weft::telemetry

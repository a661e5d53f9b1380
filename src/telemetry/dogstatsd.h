#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace weft::telemetry {

// One line of DogStatsD (its documentation, "Datagram format"), or what another source sent in its
// terms. Texts point into the datagram.
struct MetricPoint {
  enum class Type : uint8_t { kCount, kGauge, kDistribution, kSet };
  Type type = Type::kCount;  // timings, histograms and distributions are one
  std::string_view name;
  std::vector<double> values;          // finite; at least one, except of sets
  std::string_view member;             // of sets
  std::vector<uint64_t> counts;        // of distributions: how many each value stands for, or empty
  std::optional<double> sum;           // of distributions: of all values, when known exactly
  bool adds = false;                   // of gauges: the value is added to what it was
  double rate = 1;                     // each value stands for 1 / rate of them; in (0, 1]
  std::vector<std::string_view> tags;  // "key:value" or "key"
};

struct Datagram {
  std::vector<MetricPoint> points;
  size_t malformed = 0;  // lines
  size_t other = 0;      // events and service checks, which are not kept
};

// Never fails: lines that are malformed are counted, unknown sections of a line are ignored.
Datagram parse_dogstatsd(std::string_view datagram);

}  // namespace weft::telemetry

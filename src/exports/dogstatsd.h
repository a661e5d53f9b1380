#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "metrics/prometheus.h"
#include "metrics/registry.h"

namespace weft::exports {

// What a datagram holds at most: one Ethernet frame.
inline constexpr size_t kDatagramBytesMax = 1'432;

// What was counted and measured between `before` and `now`, in DogStatsD's text form
// (docs/internals/telemetry.md): counters as counts, gauges, distributions as distributions, one
// line for every value within 1 %, whose sample rate 1/n says that it stands for n. Times are
// nanoseconds, as Datadog's own aws.states.enhanced.* are. Visits datagrams of whole lines.
void write_dogstatsd(const metrics::Registry& now, const metrics::Registry& before,
                     const std::vector<metrics::Description>& descriptions,
                     const std::function<void(std::string_view datagram)>& visit);

}  // namespace weft::exports

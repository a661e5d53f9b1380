#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metrics/prometheus.h"
#include "metrics/registry.h"

namespace weft::exports {

// All of a registry as one ExportMetricsServiceRequest of OTLP/JSON (opentelemetry-proto): counters
// as cumulative sums, gauges, distributions as cumulative exponential histograms of scale 6 (0.55 %
// beside the registry's own 1 %). Times are seconds. `start_ns`: since when it counts; `now_ns`:
// its moment; Unix epoch.
std::string otlp_metrics(const metrics::Registry& registry,
                         const std::vector<metrics::Description>& descriptions, int64_t start_ns,
                         int64_t now_ns);

}  // namespace weft::exports

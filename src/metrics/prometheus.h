#pragma once

#include <string>
#include <string_view>

#include "metrics/registry.h"

namespace weft::metrics {

// What is known of a metric beside its values.
struct Description {
  std::string_view name;  // "aws.states.enhanced.state.duration"
  std::string_view help;  // one sentence
  bool seconds = false;   // a distribution of microseconds, shown in seconds
};

// The registry in Prometheus' text format 0.0.4. Dots become underscores; counters end in _total,
// times in _seconds. A distribution is shown twice: as a summary with the quantiles 0.5, 0.95, 0.99
// and 1 over everything since the start, within 1 %, and as the histogram NAME_bucketed_seconds,
// from which rules compute percentiles of a window.
std::string prometheus_text(const Registry& registry, const std::vector<Description>& descriptions);

}  // namespace weft::metrics

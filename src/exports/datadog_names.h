#pragma once

#include <span>
#include <string_view>

// How the page of Datadog's Step Functions integration spells metrics that its documentation of
// enhanced metrics spells otherwise, so that dashboards made for either find
// them.

namespace weft::exports {

// The page's name of a counter; "" when it has none of its own.
std::string_view page_name_of(std::string_view counter);

// A value of a distribution that the page shows as a gauge of its own: name + suffix.
struct PageGauge {
  std::string_view suffix;
  double quantile = 0;
};
// Of a distribution; empty when the page has none.
std::span<const PageGauge> page_gauges_of(std::string_view distribution);

}  // namespace weft::exports

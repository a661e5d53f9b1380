#include "metrics/registry.h"

#include <algorithm>

namespace weft::metrics {
namespace {

template <typename Value>
Value& series(std::map<std::string, Family<Value>, std::less<>>& families, std::string_view name,
              Labels labels) {
  auto family = families.find(name);
  if (family == families.end()) family = families.emplace(std::string(name), Family<Value>()).first;
  std::ranges::sort(labels);
  if (family->second.size() >= Registry::kSeriesMax && !family->second.contains(labels)) {
    std::erase_if(labels, [](const auto& one) { return one.first != Registry::kNeverMixed; });
    labels.emplace_back("overflow", "true");
  }
  return family->second[std::move(labels)];
}

}  // namespace

uint64_t& Registry::counter(std::string_view name, Labels labels) {
  return series(counters_, name, std::move(labels));
}

Sketch& Registry::distribution(std::string_view name, Labels labels) {
  return series(distributions_, name, std::move(labels));
}

void Registry::add_to_gauge(std::string_view name, Labels labels, double value) {
  series(sums_, name, std::move(labels)) += value;
}

void Registry::raise_gauge(std::string_view name, Labels labels, double value) {
  double& kept = series(largest_, name, std::move(labels));
  kept = std::max(kept, value);
}

void Registry::merge(const Registry& other) {
  for (const auto& [name, family] : other.counters_) {
    for (const auto& [labels, value] : family) counter(name, labels) += value;
  }
  for (const auto& [name, family] : other.distributions_) {
    for (const auto& [labels, sketch] : family) distribution(name, labels).merge(sketch);
  }
  for (const auto& [name, family] : other.sums_) {
    for (const auto& [labels, value] : family) add_to_gauge(name, labels, value);
  }
  for (const auto& [name, family] : other.largest_) {
    for (const auto& [labels, value] : family) raise_gauge(name, labels, value);
  }
}

}  // namespace weft::metrics

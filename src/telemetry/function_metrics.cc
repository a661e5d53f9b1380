#include "telemetry/function_metrics.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

#include "json/utf8.h"
#include "telemetry/span_limits.h"

namespace weft::telemetry {
namespace {

using Type = MetricPoint::Type;
using metrics::Labels;
using metrics::Registry;

constexpr std::string_view kCounterSuffix = "_total";
constexpr std::array<std::string_view, 2> kOwnPrefixes = {"weft_", "aws_states_"};
constexpr std::array<std::string_view, 3> kReservedLabels = {"quantile", "le", "overflow"};
// Whole numbers up to here are exact.
constexpr double kCountMax = 9'007'199'254'740'992;
constexpr auto kCountedMax = static_cast<uint64_t>(kCountMax);

// [a-zA-Z_][a-zA-Z0-9_]*
std::string flat(std::string_view text) {
  std::string name(text.substr(0, FunctionMetrics::kTextBytesMax));
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') name.insert(0, 1, '_');
  return name;
}

std::string label_value(std::string_view text) {
  std::string value = cut_text(text, FunctionMetrics::kTextBytesMax);
  for (size_t at = 0; at < value.size();) {
    const size_t length = json::valid_utf8_length(value, at);
    if (length == 0) value[at] = '?';
    at += std::max<size_t>(1, length);
  }
  return value;
}

std::string label_name(std::string_view tag) {
  std::string name = flat(tag);
  const bool reserved =
      name.starts_with("__") || std::ranges::find(kReservedLabels, name) != kReservedLabels.end();
  return reserved ? "tag_" + name : name;
}

Labels labels_of(const MetricPoint& point, const Labels& call) {
  std::map<std::string, std::string> labels;
  const size_t tags = std::min(point.tags.size(), FunctionMetrics::kTagsMax);
  for (size_t i = 0; i < tags; ++i) {
    const std::string_view tag = point.tags[i];
    const size_t colon = tag.find(':');
    const std::string name = label_name(tag.substr(0, colon));
    if (name.empty() || name == Registry::kNeverMixed) continue;
    std::string value =
        colon == std::string_view::npos ? "true" : label_value(tag.substr(colon + 1));
    auto [at, fresh] = labels.emplace(name, value);
    if (!fresh) at->second = cut_text(at->second + "," + value, FunctionMetrics::kTextBytesMax);
  }
  for (const auto& [name, value] : call) labels[name] = value;
  return {labels.begin(), labels.end()};
}

template <typename Value>
Value& series(metrics::Family<Value>& family, Labels labels) {
  if (family.size() >= Registry::kSeriesMax && !family.contains(labels)) {
    std::erase_if(labels, [](const auto& one) { return one.first != Registry::kNeverMixed; });
    labels.emplace_back("overflow", "true");
  }
  return family[std::move(labels)];
}

}  // namespace

FunctionMetrics::Metric* FunctionMetrics::metric_of(const MetricPoint& point) {
  std::string name = flat(point.name);
  for (const std::string_view prefix : kOwnPrefixes) {
    if (name.starts_with(prefix)) return nullptr;
  }
  std::string shown = name;
  if (point.type == Type::kCount) {
    if (name.ends_with(kCounterSuffix)) name.resize(name.size() - kCounterSuffix.size());
    shown = name + std::string(kCounterSuffix);
  }
  const auto known = metrics_.find(shown);
  if (known != metrics_.end()) return known->second.type == point.type ? &known->second : nullptr;
  if (name.empty() || metrics_.size() >= kNamesMax) return nullptr;
  return &metrics_.emplace(shown, Metric{.type = point.type, .name = name}).first->second;
}

bool FunctionMetrics::take(const MetricPoint& point, const Labels& call) {
  if (point.type == Type::kCount &&
      std::ranges::any_of(point.values, [](double value) { return value < 0; })) {
    return false;
  }
  Labels labels = labels_of(point, call);
  const std::lock_guard lock(mutex_);
  Metric* metric = metric_of(point);
  if (metric == nullptr) return false;
  switch (point.type) {
    case Type::kCount: {
      double& sum = series(metric->numbers, std::move(labels));
      for (const double value : point.values) sum = std::min(kCountMax, sum + value / point.rate);
      break;
    }
    case Type::kGauge: {
      double& value = series(metric->numbers, std::move(labels));
      value = point.values.back() + (point.adds ? value : 0);
      break;
    }
    case Type::kDistribution: {
      metrics::Sketch& sketch = series(metric->distributions, std::move(labels));
      const auto weight = static_cast<uint64_t>(std::min(kCountMax, std::round(1 / point.rate)));
      double sum = 0;
      for (size_t i = 0; i < point.values.size(); ++i) {
        const uint64_t count =
            i < point.counts.size() ? std::min(kCountedMax, point.counts[i]) : weight;
        sketch.add(point.values[i], count);
        sum += std::max(0.0, point.values[i]) * static_cast<double>(count);
      }
      if (point.sum) sketch.correct_sum(*point.sum - sum);
      break;
    }
    case Type::kSet: {
      auto& members = series(metric->sets, std::move(labels));
      if (members.size() < kSetMembersMax)
        members.insert(std::hash<std::string_view>()(point.member));
      break;
    }
  }
  return true;
}

void FunctionMetrics::add_to(Registry& registry) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [shown, metric] : metrics_) {
    for (const auto& [labels, value] : metric.numbers) {
      if (metric.type == Type::kCount) {
        registry.counter(metric.name, labels) += static_cast<uint64_t>(value);
      } else {
        registry.add_to_gauge(metric.name, labels, value);
      }
    }
    for (const auto& [labels, sketch] : metric.distributions)
      registry.distribution(metric.name, labels).merge(sketch);
    for (const auto& [labels, members] : metric.sets)
      registry.add_to_gauge(metric.name, labels, static_cast<double>(members.size()));
  }
}

}  // namespace weft::telemetry

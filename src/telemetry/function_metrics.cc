#include "telemetry/function_metrics.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

#include "json/utf8.h"
#include "sync/mutex.h"
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
// What a series, a bucket of a distribution and a member of a set take beside their texts.
constexpr size_t kSeriesBytes = 160;
constexpr size_t kSketchBucketBytes = 48;
constexpr size_t kMemberBytes = 32;
constexpr size_t kTagsRemembered = 4'096;
constexpr size_t kNamesRemembered = 2 * FunctionMetrics::kNamesMax;
constexpr size_t kNamePartsMax = 32;
constexpr size_t kTagBytesRemembered = 512;
constexpr auto kCountedMax = static_cast<uint64_t>(kCountMax);

// [a-zA-Z_][a-zA-Z0-9_]*
std::string flat(std::string_view text) {
  std::string name(text.substr(0, FunctionMetrics::kTextBytesMax));
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') name.insert(0, 1, '_');
  return name;
}

std::string utf8(std::string_view text) {
  std::string value(text);
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

// Of a distribution: how many values its i-th stands for.
uint64_t count_of(const MetricPoint& point, size_t i) {
  if (i < point.counts.size()) return std::min(kCountedMax, point.counts[i]);
  return static_cast<uint64_t>(std::min(kCountMax, std::round(1 / point.rate)));
}
double sum_of(const MetricPoint& point) {
  double sum = 0;
  for (size_t i = 0; i < point.values.size(); ++i)
    sum += std::max(0.0, point.values[i]) * static_cast<double>(count_of(point, i));
  return sum;
}

bool is_possible(const MetricPoint& point) {
  if (point.type == Type::kDistribution) return std::isfinite(sum_of(point));
  const bool falls = std::ranges::any_of(point.values, [](double value) { return value < 0; });
  return point.type != Type::kCount || !falls;
}

size_t bytes_of(const Labels& labels) {
  size_t bytes = kSeriesBytes;
  for (const auto& [name, value] : labels)
    bytes += sizeof(labels.front()) + name.size() + value.size();
  return bytes;
}

}  // namespace

FunctionMetrics::Label FunctionMetrics::shown(std::string_view tag) const {
  // As a whole first: a colon may be that of a URL with a password.
  const std::string clean = redactor_.clean(utf8(tag));
  const size_t colon = clean.find(':');
  const std::string_view key = std::string_view(clean).substr(0, colon);
  Label label{label_name(key), "true"};
  if (colon == std::string::npos) return label;
  const bool hidden = redactor_.hides(key) || redactor_.hides(label.first);
  label.second =
      hidden ? std::string(trace::kRedacted)
             : cut_text(redactor_.clean(std::string_view(clean).substr(colon + 1)), kTextBytesMax);
  return label;
}

// A token may also begin behind a dot, which is a part of words in texts.
std::string FunctionMetrics::clean_name(std::string_view name) const {
  size_t from = 0;
  for (size_t parts = 0; parts < kNamePartsMax; ++parts) {
    const std::string_view rest = name.substr(from);
    if (const std::string clean = redactor_.clean(rest); clean != rest) {
      return std::string(name.substr(0, from)) + clean;
    }
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos) break;
    from += dot + 1;
  }
  return std::string(name);
}

std::string FunctionMetrics::name_of(const MetricPoint& point) {
  const auto known = names_.find(point.name);
  if (known != names_.end()) return known->second;
  std::string name = flat(clean_name(utf8(point.name)));
  if (point.name.size() <= kTagBytesRemembered) {
    if (names_.size() >= kNamesRemembered) names_.clear();
    names_.emplace(point.name, name);
  }
  return name;
}

Labels FunctionMetrics::labels_of(const MetricPoint& point, const Labels& call) {
  std::map<std::string, std::string> labels;
  const size_t tags = std::min(point.tags.size(), kTagsMax);
  for (size_t i = 0; i < tags; ++i) {
    auto known = shown_.find(point.tags[i]);
    if (known == shown_.end()) {
      if (shown_.size() >= kTagsRemembered) shown_.clear();
      known = shown_.emplace(point.tags[i], shown(point.tags[i])).first;
    }
    const auto& [name, value] = known->second;
    if (!name.empty() && name != Registry::kNeverMixed) {
      auto [at, fresh] = labels.emplace(name, value);
      if (!fresh) at->second = cut_text(at->second + "," + value, kTextBytesMax);
    }
    if (point.tags[i].size() > kTagBytesRemembered) shown_.erase(known);
  }
  for (const auto& [name, value] : call) labels[name] = value;
  return {labels.begin(), labels.end()};
}

template <typename Value>
Value& FunctionMetrics::series(metrics::Family<Value>& family, Labels labels) {
  auto found = family.find(labels);
  if (found != family.end()) return found->second;
  if (family.size() >= Registry::kSeriesMax || full()) {
    std::erase_if(labels, [](const auto& one) { return one.first != Registry::kNeverMixed; });
    labels.emplace_back("overflow", "true");
    found = family.find(labels);
    if (found != family.end()) return found->second;
  }
  ++series_;
  bytes_ += bytes_of(labels);
  return family[std::move(labels)];
}

FunctionMetrics::Metric* FunctionMetrics::metric_of(const MetricPoint& point) {
  std::string name = name_of(point);
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
  if (name.empty() || metrics_.size() >= kNamesMax || full()) return nullptr;
  bytes_ += sizeof(Metric) + kSeriesBytes + 2 * shown.size();
  return &metrics_.emplace(shown, Metric{.type = point.type, .name = name}).first->second;
}

bool FunctionMetrics::take(const MetricPoint& point, const Labels& call) {
  if (!is_possible(point)) return false;
  const sync::MutexLock lock(mutex_);
  Labels labels = labels_of(point, call);
  Metric* metric = metric_of(point);
  if (metric == nullptr) return false;
  switch (point.type) {
    case Type::kCount:
      return count(point, series(metric->numbers, std::move(labels)));
    case Type::kGauge:
      return set_gauge(point, series(metric->numbers, std::move(labels)));
    case Type::kDistribution:
      return add_values(point, series(metric->distributions, std::move(labels)));
    case Type::kSet:
      return add_member(point, series(metric->sets, std::move(labels)));
  }
  return false;
}

bool FunctionMetrics::count(const MetricPoint& point, double& sum) {
  for (const double value : point.values) sum = std::min(kCountMax, sum + value / point.rate);
  return true;
}

bool FunctionMetrics::set_gauge(const MetricPoint& point, double& value) {
  const double now = point.values.back() + (point.adds ? value : 0);
  if (!std::isfinite(now)) return false;
  value = now;
  return true;
}

bool FunctionMetrics::add_values(const MetricPoint& point, metrics::Sketch& sketch) {
  const double sum = sum_of(point);
  const double correction = point.sum ? *point.sum - sum : 0;
  if (!std::isfinite(sketch.sum() + sum) || !std::isfinite(sketch.sum() + sum + correction) ||
      (full() &&
       std::ranges::any_of(point.values, [&](double value) { return sketch.grows_by(value); }))) {
    return false;
  }
  const size_t before = sketch.buckets();
  for (size_t i = 0; i < point.values.size(); ++i) sketch.add(point.values[i], count_of(point, i));
  sketch.correct_sum(correction);
  bytes_ += (sketch.buckets() - before) * kSketchBucketBytes;
  return true;
}

bool FunctionMetrics::add_member(const MetricPoint& point, std::unordered_set<size_t>& members) {
  const size_t hash = std::hash<std::string_view>()(point.member);
  if (members.contains(hash)) return true;
  if (full()) return false;
  if (members.size() >= kSetMembersMax) return true;
  members.insert(hash);
  bytes_ += kMemberBytes;
  return true;
}

void FunctionMetrics::add_to(Registry& registry) const {
  const sync::MutexLock lock(mutex_);
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

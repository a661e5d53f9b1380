#include <charconv>
#include <functional>

#include "json/write.h"
#include "telemetry/otlp_json_values.h"
#include "telemetry/otlp_point.h"
#include "telemetry/span_limits.h"

namespace weft::telemetry {
namespace {

using json::Value;
using Kind = OtlpPoint::Kind;

constexpr int64_t kDelta = 1;  // AggregationTemporality
constexpr int64_t kCumulative = 2;
constexpr int64_t kNoRecordedValue = 1;  // DataPointFlags

bool present(Value value) { return !value.is_undefined() && !value.is_null(); }

// Doubles are numbers, or texts such as "NaN" and "1.5".
base::Result<double> real_of(std::string_view field, Value value) {
  if (!present(value)) return 0.0;
  if (value.is_number()) return value.as_double();
  const std::string_view text = value.as_string();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    return wrong(field, "a number", value);
  return number;
}

base::Result<void> read_optional(std::string_view field, Value point, std::optional<double>& out) {
  const Value value = point.find(field);
  if (!present(value)) return {};
  auto number = real_of(field, value);
  if (!number) return std::unexpected(number.error());
  out = *number;
  return {};
}

base::Result<std::vector<uint64_t>> counts_of(Value object, std::string_view field) {
  Value list;
  auto size = items_of(object, field, list);
  if (!size) return std::unexpected(size.error());
  std::vector<uint64_t> counts;
  for (size_t i = 0; i < *size; ++i) {
    auto count = number_of(field, list.item(i));
    if (!count) return std::unexpected(count.error());
    counts.push_back(*count);
  }
  return counts;
}

base::Result<void> read_number(Value value, OtlpPoint& point) {
  const Value whole = value.find("asInt");
  auto number = real_of(present(whole) ? "asInt" : "asDouble",
                        present(whole) ? whole : value.find("asDouble"));
  if (!number) return std::unexpected(number.error());
  point.value = *number;
  return {};
}

base::Result<void> read_explicit(Value value, OtlpPoint& point) {
  auto counts = counts_of(value, "bucketCounts");
  if (!counts) return std::unexpected(counts.error());
  Value list;
  auto size = items_of(value, "explicitBounds", list);
  if (!size) return std::unexpected(size.error());
  std::vector<double> bounds;
  for (size_t i = 0; i < *size; ++i) {
    auto bound = real_of("explicitBounds", list.item(i));
    if (!bound) return std::unexpected(bound.error());
    bounds.push_back(*bound);
  }
  set_explicit_buckets(*counts, std::move(bounds), point);
  return {};
}

base::Result<void> read_exponential(Value value, OtlpPoint& point) {
  auto zeros = number_of("zeroCount", value.find("zeroCount"));
  if (!zeros) return std::unexpected(zeros.error());
  point.zeros += *zeros;
  const int64_t scale = value.find("scale").as_int();
  point.scale = static_cast<int32_t>(scale);
  if (scale < OtlpPoint::kScaleMin || scale > OtlpPoint::kScaleMax) point.valid = false;
  for (const std::string_view side : {"positive", "negative"}) {
    const Value buckets = value.find(side);
    if (!present(buckets)) continue;
    auto counts = counts_of(buckets, "bucketCounts");
    if (!counts) return std::unexpected(counts.error());
    add_exponential_buckets(static_cast<int32_t>(buckets.find("offset").as_int()), *counts,
                            side == "negative", point);
  }
  return {};
}

base::Result<void> read_histogram(Value value, OtlpPoint& point) {
  auto count = number_of("count", value.find("count"));
  if (!count) return std::unexpected(count.error());
  point.count = *count;
  if (auto read = read_optional("sum", value, point.sum); !read) return read;
  if (auto read = read_optional("min", value, point.min); !read) return read;
  if (auto read = read_optional("max", value, point.max); !read) return read;
  return point.kind == Kind::kHistogram ? read_explicit(value, point)
                                        : read_exponential(value, point);
}

base::Result<void> read_point(Value value, OtlpPoint& point) {
  auto start = number_of("startTimeUnixNano", value.find("startTimeUnixNano"));
  if (!start) return std::unexpected(start.error());
  auto time = number_of("timeUnixNano", value.find("timeUnixNano"));
  if (!time) return std::unexpected(time.error());
  point.start_ns = *start;
  point.time_ns = *time;
  const Value attributes = value.find("attributes");
  for (size_t i = 0; attributes.is_array() && i < attributes.size() && i < kAttributesMax; ++i) {
    const std::string_view key = attributes.item(i).find("key").as_string();
    if (!key.empty())
      point.attributes.emplace_back(cut_text(key, kKeyBytesMax),
                                    text_of(attributes.item(i).find("value")));
  }
  if (point.kind == Kind::kSummary) return {};
  return point.kind == Kind::kSum || point.kind == Kind::kGauge ? read_number(value, point)
                                                                : read_histogram(value, point);
}

// An enum is a number; some exporters write its name.
bool is_temporality(Value value, int64_t number, std::string_view name) {
  return value.is_number() ? value.as_int() == number : value.as_string() == name;
}

base::Result<void> read_metric(size_t resource, Value metric, DecodedSize& kept,
                               std::vector<OtlpPoint>& points) {
  constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"gauge", Kind::kGauge},
      {"sum", Kind::kSum},
      {"histogram", Kind::kHistogram},
      {"exponentialHistogram", Kind::kExponentialHistogram},
      {"summary", Kind::kSummary}};
  for (const auto& [field, kind] : kKinds) {
    const Value data = metric.find(field);
    if (!present(data)) continue;
    Value list;
    auto count = items_of(data, "dataPoints", list);
    if (!count) return std::unexpected(count.error());
    const Value temporality = data.find("aggregationTemporality");
    OtlpPoint start{.kind = kind,
                    .name = cut_text(metric.find("name").as_string(), kResourceBytesMax),
                    .resource = resource};
    start.delta = is_temporality(temporality, kDelta, "AGGREGATION_TEMPORALITY_DELTA");
    start.cumulative =
        is_temporality(temporality, kCumulative, "AGGREGATION_TEMPORALITY_CUMULATIVE");
    start.monotonic = data.find("isMonotonic").as_bool();
    for (size_t i = 0; i < *count; ++i) {
      const Value value = list.item(i);
      if (!value.is_object()) return wrong("dataPoints", "a list of objects", value);
      if ((value.find("flags").as_int() & kNoRecordedValue) != 0) continue;
      if (!kept.add(kRecordBytes + start.name.size())) return too_much();
      OtlpPoint point = start;
      if (auto read = read_point(value, point); !read) return read;
      if (!kept.add(point.bucket_bytes())) return too_much();
      points.push_back(std::move(point));
    }
  }
  return {};
}

}  // namespace

base::Result<std::vector<OtlpPoint>> decode_otlp_metrics_json(std::string_view body) {
  std::vector<OtlpPoint> points;
  DecodedSize kept;
  const void* hashed = nullptr;  // which resource
  size_t hash = 0;
  auto read = for_each_record(
      body, {"resourceMetrics", "scopeMetrics", "metrics"},
      [&](Value resource, Value, Value metric) {
        const void* which = resource.is_object() ? resource.object_data() : nullptr;
        if (which != hashed) {
          hash = which == nullptr ? 0 : std::hash<std::string>()(json::to_text(resource));
          hashed = which;
        }
        return read_metric(hash, metric, kept, points);
      });
  if (!read) return std::unexpected(read.error());
  return points;
}

}  // namespace weft::telemetry

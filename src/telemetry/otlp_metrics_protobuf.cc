#include <bit>
#include <functional>

#include "history/wire.h"
#include "telemetry/otlp_point.h"
#include "telemetry/otlp_protobuf_values.h"
#include "telemetry/span_limits.h"

namespace weft::telemetry {
namespace {

using history::WireReader;
using Kind = OtlpPoint::Kind;

constexpr uint64_t kDelta = 1;  // AggregationTemporality
constexpr uint64_t kCumulative = 2;
constexpr uint64_t kNoRecordedValue = 1;  // DataPointFlags

double real_of(uint64_t bits) { return std::bit_cast<double>(bits); }

int32_t unzigzag(uint64_t value) {
  return static_cast<int32_t>(static_cast<uint32_t>(value) >> 1) ^ -static_cast<int32_t>(value & 1);
}

// A packed list of fixed64 or double.
std::vector<uint64_t> fixed64_list(std::string_view bytes) {
  std::vector<uint64_t> values;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    uint64_t value = 0;
    for (size_t i = 8; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    values.push_back(value);
  }
  return values;
}

// Field numbers: opentelemetry-proto, Metric and its data points.
class MetricReader : public OtlpReader {
 public:
  std::vector<OtlpPoint> take() { return std::move(points_); }

 private:
  using PointReader = void (MetricReader::*)(std::string_view bytes, OtlpPoint& point);

  void begin_resource(std::string_view resource) override {
    resource_ = std::hash<std::string_view>()(resource);
  }

  void record(std::string_view bytes) override {
    std::string name;
    WireReader first(bytes);
    while (first.next()) {
      if (first.field() == 1) name = cut_text(first.bytes(), kResourceBytesMax);
    }
    WireReader reader(bytes);
    while (reader.next()) {
      switch (reader.field()) {
        case 5:
          data(reader.bytes(), name, Kind::kGauge, &MetricReader::number_point);
          break;
        case 7:
          data(reader.bytes(), name, Kind::kSum, &MetricReader::number_point);
          break;
        case 9:
          data(reader.bytes(), name, Kind::kHistogram, &MetricReader::histogram_point);
          break;
        case 10:
          data(reader.bytes(), name, Kind::kExponentialHistogram, &MetricReader::exponential_point);
          break;
        case 11:
          data(reader.bytes(), name, Kind::kSummary, &MetricReader::summary_point);
          break;
        default:
          break;
      }
    }
    finish(reader, "Metric");
  }

  // Gauge, Sum, Histogram, ExponentialHistogram and Summary have the same fields.
  void data(std::string_view bytes, const std::string& name, Kind kind, PointReader read) {
    OtlpPoint start{.kind = kind, .name = name, .resource = resource_};
    WireReader first(bytes);  // what holds for all points may stand behind them
    while (first.next()) {
      if (first.field() == 2) {
        const uint64_t temporality = first.uint();
        start.delta = temporality == kDelta;
        start.cumulative = temporality == kCumulative;
      }
      if (first.field() == 3) start.monotonic = first.uint() != 0;
    }
    WireReader reader(bytes);
    while (reader.next() && !failed()) {
      if (reader.field() != 1) continue;
      keep(kRecordBytes + name.size());
      OtlpPoint point = start;
      no_value_ = false;
      (this->*read)(reader.bytes(), point);
      keep(point.bucket_bytes());
      if (!no_value_) points_.push_back(std::move(point));
    }
    finish(reader, "metric's data");
    finish(first, "metric's data");
  }

  void summary_point(std::string_view, OtlpPoint&) {}

  void number_point(std::string_view bytes, OtlpPoint& point) {
    WireReader reader(bytes);
    while (reader.next()) {
      switch (reader.field()) {
        case 2:
          point.start_ns = reader.fixed64();
          break;
        case 3:
          point.time_ns = reader.fixed64();
          break;
        case 4:
          point.value = real_of(reader.fixed64());
          break;
        case 6:
          point.value = static_cast<double>(static_cast<int64_t>(reader.fixed64()));
          break;
        case 7:
          attribute(reader.bytes(), point);
          break;
        case 8:
          flags(reader.uint());
          break;
        default:
          break;
      }
    }
    finish(reader, "NumberDataPoint");
  }

  void histogram_point(std::string_view bytes, OtlpPoint& point) {
    std::vector<uint64_t> counts;
    std::vector<double> bounds;
    WireReader reader(bytes);
    while (reader.next()) {
      switch (reader.field()) {
        case 2:
          point.start_ns = reader.fixed64();
          break;
        case 3:
          point.time_ns = reader.fixed64();
          break;
        case 4:
          point.count = reader.fixed64();
          break;
        case 5:
          point.sum = real_of(reader.fixed64());
          break;
        case 6:
          counts = fixed64_list(reader.bytes());
          break;
        case 7:
          for (const uint64_t bits : fixed64_list(reader.bytes())) bounds.push_back(real_of(bits));
          break;
        case 9:
          attribute(reader.bytes(), point);
          break;
        case 10:
          flags(reader.uint());
          break;
        case 11:
          point.min = real_of(reader.fixed64());
          break;
        case 12:
          point.max = real_of(reader.fixed64());
          break;
        default:
          break;
      }
    }
    finish(reader, "HistogramDataPoint");
    set_explicit_buckets(counts, std::move(bounds), point);
  }

  void exponential_point(std::string_view bytes, OtlpPoint& point) {
    WireReader reader(bytes);
    while (reader.next()) {
      switch (reader.field()) {
        case 1:
          attribute(reader.bytes(), point);
          break;
        case 2:
          point.start_ns = reader.fixed64();
          break;
        case 3:
          point.time_ns = reader.fixed64();
          break;
        case 4:
          point.count = reader.fixed64();
          break;
        case 5:
          point.sum = real_of(reader.fixed64());
          break;
        case 6:
          point.scale = unzigzag(reader.uint());
          break;
        case 7:
          point.zeros += reader.fixed64();
          break;
        case 8:
          buckets(reader.bytes(), false, point);
          break;
        case 9:
          buckets(reader.bytes(), true, point);
          break;
        case 10:
          flags(reader.uint());
          break;
        default:
          break;
      }
    }
    finish(reader, "ExponentialHistogramDataPoint");
    if (point.scale < OtlpPoint::kScaleMin || point.scale > OtlpPoint::kScaleMax)
      point.valid = false;
  }

  void buckets(std::string_view bytes, bool negative, OtlpPoint& point) {
    int64_t offset = 0;
    std::vector<uint64_t> counts;
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() == 1) offset = unzigzag(reader.uint());
      if (reader.field() == 2) counts = varint_list(reader.bytes());
    }
    finish(reader, "Buckets");
    add_exponential_buckets(offset, counts, negative, point);
  }

  std::vector<uint64_t> varint_list(std::string_view bytes) {
    std::vector<uint64_t> values;
    uint64_t value = 0;
    int shift = 0;
    for (const char byte : bytes) {
      if (values.size() > OtlpPoint::kBucketsMax) return values;  // more are not taken
      if (shift < 64) value |= uint64_t{static_cast<uint8_t>(byte) & 0x7Fu} << shift;
      shift += 7;
      if ((static_cast<uint8_t>(byte) & 0x80u) != 0) continue;
      values.push_back(value);
      value = 0;
      shift = 0;
    }
    if (shift != 0) fault("a damaged list of bucket_counts");
    return values;
  }

  void attribute(std::string_view bytes, OtlpPoint& point) {
    auto pair = key_value(bytes);
    if (!pair.first.empty() && point.attributes.size() < kAttributesMax)
      point.attributes.push_back(std::move(pair));
  }

  void flags(uint64_t flags) { no_value_ = (flags & kNoRecordedValue) != 0; }

  size_t resource_ = 0;
  bool no_value_ = false;
  std::vector<OtlpPoint> points_;
};

}  // namespace

base::Result<std::vector<OtlpPoint>> decode_otlp_metrics_protobuf(std::string_view body) {
  MetricReader reader;
  if (auto read = reader.for_each_record(body); !read) return std::unexpected(read.error());
  return reader.take();
}

}  // namespace weft::telemetry

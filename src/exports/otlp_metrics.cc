#include "exports/otlp_metrics.h"

#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "json/write.h"

namespace weft::exports {
namespace {

using metrics::Family;
using metrics::Labels;
using metrics::Sketch;

constexpr int kScale = 6;
constexpr double kMicrosOfSecond = 1e6;
constexpr int kCumulative = 2;  // AggregationTemporality

std::string quoted(std::string_view text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

std::string number(double value) {
  std::string out;
  json::write_number(value, out);
  return out;
}

// Writes the metrics of one request.
class Writer {
 public:
  Writer(int64_t start_ns, int64_t now_ns)
      : times_(fmt::format(R"("startTimeUnixNano":"{}","timeUnixNano":"{}")", start_ns, now_ns)) {}

  // One metric: `kind` is "sum", "gauge" or "exponentialHistogram", `members` what it has beside
  // its points.
  template <typename Value, typename Write>
  void metric(std::string_view name, std::string_view help, std::string_view unit,
              std::string_view kind, std::string_view members, const Family<Value>& family,
              Write write_value) {
    if (!out_.empty()) out_ += ',';
    out_ += fmt::format(R"({{"name":{},"description":{},"unit":"{}","{}":{{{}"dataPoints":[)",
                        quoted(name), quoted(help), unit, kind, members);
    bool first = true;
    for (const auto& [labels, value] : family) {
      if (!std::exchange(first, false)) out_ += ',';
      out_ += "{" + attributes_of(labels) + times_;
      write_value(value);
      out_ += '}';
    }
    out_ += "]}}";
  }

  void histogram(const Sketch& sketch, double unit) {
    uint64_t zeros = 0;
    std::map<int32_t, uint64_t> buckets;  // i counts (base^i, base^(i+1)], base = 2^(2^-scale)
    sketch.for_each([&](double value, uint64_t count) {
      if (value <= 0) {
        zeros += count;
      } else {
        const double index = std::ceil(std::ldexp(std::log2(value / unit), kScale)) - 1;
        buckets[static_cast<int32_t>(index)] += count;
      }
    });
    out_ += fmt::format(
        R"(,"count":"{}","sum":{},"min":{},"max":{},"scale":{},"zeroCount":"{}","positive":{{"offset":{},"bucketCounts":[)",
        sketch.count(), number(sketch.sum() / unit), number(sketch.min() / unit),
        number(sketch.max() / unit), kScale, zeros, buckets.empty() ? 0 : buckets.begin()->first);
    for (auto at = buckets.begin(); at != buckets.end(); ++at) {
      out_ += fmt::format(R"({}"{}")", at == buckets.begin() ? "" : ",", at->second);
      const auto next = std::next(at);
      for (int32_t empty = at->first + 1; next != buckets.end() && empty < next->first; ++empty) {
        out_ += R"(,"0")";
      }
    }
    out_ += "]}";
  }

  void append(std::string_view text) { out_ += text; }
  std::string take() {
    return R"({"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":)"
           R"({"stringValue":"weft"}}]},"scopeMetrics":[{"scope":{"name":"weft"},"metrics":[)" +
           out_ + "]}]}]}";
  }

 private:
  static std::string attributes_of(const Labels& labels) {
    std::string out = R"("attributes":[)";
    for (const auto& [key, value] : labels) {
      if (out.back() == '}') out += ',';
      out +=
          fmt::format(R"({{"key":{},"value":{{"stringValue":{}}}}})", quoted(key), quoted(value));
    }
    return out + "],";
  }

  const std::string times_;
  std::string out_;
};

}  // namespace

std::string otlp_metrics(const metrics::Registry& registry,
                         const std::vector<metrics::Description>& descriptions, int64_t start_ns,
                         int64_t now_ns) {
  std::map<std::string_view, metrics::Description> known;
  for (const metrics::Description& each : descriptions) known.emplace(each.name, each);
  Writer out(start_ns, now_ns);
  const std::string cumulative = fmt::format(R"("aggregationTemporality":{},)", kCumulative);
  for (const auto& [name, family] : registry.counters()) {
    out.metric(name, known[name].help, "1", "sum", cumulative + R"("isMonotonic":true,)", family,
               [&](uint64_t value) { out.append(fmt::format(R"(,"asInt":"{}")", value)); });
  }
  for (const auto& [name, family] : registry.distributions()) {
    const bool time = known[name].seconds;
    out.metric(name, known[name].help, time ? "s" : "1", "exponentialHistogram", cumulative, family,
               [&](const Sketch& sketch) { out.histogram(sketch, time ? kMicrosOfSecond : 1); });
  }
  for (const auto* gauges : {&registry.gauges(), &registry.largest()}) {
    for (const auto& [name, family] : *gauges) {
      out.metric(name, known[name].help, "1", "gauge", "", family,
                 [&](double value) { out.append(R"(,"asDouble":)" + number(value)); });
    }
  }
  return out.take();
}

}  // namespace weft::exports

#include "metrics/prometheus.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"

namespace weft::metrics {
namespace {

constexpr double kMicros = 1e6;
// Bounds of histograms in seconds: three a decade, from 1 ms to an hour.
constexpr std::array kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,  0.25,  0.5,   1.0,
                                2.5,   5.0,    10.0,  25.0, 60.0,  150., 300., 900.0, 3600.0};
constexpr std::array kQuantiles = {0.5, 0.95, 0.99, 1.0};

std::string flat(std::string_view name) {
  std::string text(name);
  std::ranges::replace_if(text, [](char c) { return !base::is_letter_or_digit(c); }, '_');
  return text;
}

std::string number(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end);
}

void append_escaped(std::string_view value, std::string& out) {
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

void append_sample(const std::string& name, const Labels& labels, std::string_view more,
                   const std::string& value, std::string& out) {
  out += name;
  char between = '{';
  for (const auto& [label, text] : labels) {
    out += between;
    out += flat(label) + "=\"";
    append_escaped(text, out);
    out += '"';
    between = ',';
  }
  if (!more.empty()) {
    out += between;
    out += more;
    between = ',';
  }
  if (between == ',') out += '}';
  out += " " + value + "\n";
}

void append_head(const std::string& name, std::string_view help, std::string_view type,
                 std::string& out) {
  out += "# HELP " + name + " " + std::string(help) + "\n# TYPE " + name + " " + std::string(type) +
         "\n";
}

void append_summary(const std::string& name, std::string_view help, const Family<Sketch>& family,
                    double unit, std::string& out) {
  append_head(name, help, "summary", out);
  for (const auto& [labels, sketch] : family) {
    if (sketch.count() == 0) continue;
    for (const double quantile : kQuantiles) {
      append_sample(name, labels, "quantile=\"" + number(quantile) + "\"",
                    number(sketch.quantile(quantile) / unit), out);
    }
    append_sample(name + "_sum", labels, "", number(sketch.sum() / unit), out);
    append_sample(name + "_count", labels, "", std::to_string(sketch.count()), out);
  }
}

void append_histogram(const std::string& name, std::string_view help, const Family<Sketch>& family,
                      std::string& out) {
  append_head(name, help, "histogram", out);
  for (const auto& [labels, sketch] : family) {
    if (sketch.count() == 0) continue;
    for (const double bound : kBounds) {
      append_sample(name + "_bucket", labels, "le=\"" + number(bound) + "\"",
                    std::to_string(sketch.count_up_to(bound * kMicros)), out);
    }
    append_sample(name + "_bucket", labels, "le=\"+Inf\"", std::to_string(sketch.count()), out);
    append_sample(name + "_sum", labels, "", number(sketch.sum() / kMicros), out);
    append_sample(name + "_count", labels, "", std::to_string(sketch.count()), out);
  }
}

}  // namespace

std::string prometheus_text(const Registry& registry,
                            const std::vector<Description>& descriptions) {
  const auto describe = [&](std::string_view name) {
    const auto found = std::ranges::find(descriptions, name, &Description::name);
    return found == descriptions.end() ? Description{.name = name, .help = name} : *found;
  };
  std::string out;
  for (const auto& [name, family] : registry.counters()) {
    const std::string shown = flat(name) + "_total";
    append_head(shown, describe(name).help, "counter", out);
    for (const auto& [labels, value] : family) {
      append_sample(shown, labels, "", std::to_string(value), out);
    }
  }
  for (const auto* gauges : {&registry.gauges(), &registry.largest()}) {
    for (const auto& [name, family] : *gauges) {
      const std::string shown = flat(name) + (describe(name).seconds ? "_seconds" : "");
      append_head(shown, describe(name).help, "gauge", out);
      for (const auto& [labels, value] : family) {
        append_sample(shown, labels, "", number(value), out);
      }
    }
  }
  for (const auto& [name, family] : registry.distributions()) {
    const Description description = describe(name);
    if (!description.seconds) {
      append_summary(flat(name), description.help, family, 1, out);
      continue;
    }
    append_summary(flat(name) + "_seconds", description.help, family, kMicros, out);
    append_histogram(flat(name) + "_bucketed_seconds", description.help, family, out);
  }
  return out;
}

}  // namespace weft::metrics

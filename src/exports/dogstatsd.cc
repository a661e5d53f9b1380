#include "exports/dogstatsd.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "exports/datadog_names.h"

namespace weft::exports {
namespace {

using metrics::Labels;

constexpr double kNanosOfMicro = 1'000;

// Gathers lines into datagrams.
class Datagrams {
 public:
  explicit Datagrams(const std::function<void(std::string_view)>& visit) : visit_(visit) {}
  void add(std::string_view line) {
    if (!text_.empty() && text_.size() + 1 + line.size() > kDatagramBytesMax) flush();
    if (!text_.empty()) text_ += '\n';
    text_ += line;
  }
  void flush() {
    if (!text_.empty()) visit_(text_);
    text_.clear();
  }

 private:
  const std::function<void(std::string_view)>& visit_;
  std::string text_;
};

// "|#key:value,key:value". What would end a tag becomes "_".
std::string tags_of(const Labels& labels) {
  std::string out;
  for (const auto& [key, value] : labels) {
    out += out.empty() ? "|#" : ",";
    out += key + ":";
    for (const char c : value) {
      out += c == ',' || c == '|' || static_cast<unsigned char>(c) < ' ' ? '_' : c;
    }
  }
  return out;
}

template <typename Value>
const Value* find(const std::map<std::string, metrics::Family<Value>, std::less<>>& families,
                  const std::string& name, const Labels& labels) {
  const auto family = families.find(name);
  if (family == families.end()) return nullptr;
  const auto series = family->second.find(labels);
  return series == family->second.end() ? nullptr : &series->second;
}

}  // namespace

void write_dogstatsd(const metrics::Registry& now, const metrics::Registry& before,
                     const std::vector<metrics::Description>& descriptions,
                     const std::function<void(std::string_view)>& visit) {
  std::set<std::string_view> times;
  for (const metrics::Description& each : descriptions) {
    if (each.seconds) times.insert(each.name);
  }
  Datagrams out(visit);
  for (const auto& [name, family] : now.counters()) {
    for (const auto& [labels, value] : family) {
      const uint64_t* earlier = find(before.counters(), name, labels);
      const uint64_t added = value - (earlier ? *earlier : 0);
      if (added == 0) continue;
      const std::string tags = tags_of(labels);
      out.add(fmt::format("{}:{}|c{}", name, added, tags));
      const std::string_view page_name = page_name_of(name);
      if (!page_name.empty()) out.add(fmt::format("{}:{}|c{}", page_name, added, tags));
    }
  }
  for (const auto& [name, family] : now.distributions()) {
    const double unit = times.contains(name) ? kNanosOfMicro : 1;
    for (const auto& [labels, sketch] : family) {
      const metrics::Sketch* earlier = find(before.distributions(), name, labels);
      const std::string tags = tags_of(labels);
      const metrics::Sketch added = earlier ? sketch.since(*earlier) : sketch;
      added.for_each([&](double value, uint64_t count) {
        const std::string rate =
            count == 1 ? "" : fmt::format("|@{:.9g}", 1 / static_cast<double>(count));
        out.add(fmt::format("{}:{:.12g}|d{}{}", name, value * unit, rate, tags));
      });
      if (added.count() == 0) continue;
      for (const PageGauge& gauge : page_gauges_of(name)) {
        out.add(fmt::format("{}{}:{:.12g}|g{}", name, gauge.suffix,
                            added.quantile(gauge.quantile) * unit, tags));
      }
    }
  }
  for (const auto* gauges : {&now.gauges(), &now.largest()}) {
    for (const auto& [name, family] : *gauges) {
      for (const auto& [labels, value] : family) {
        out.add(fmt::format("{}:{:.12g}|g{}", name, value, tags_of(labels)));
      }
    }
  }
  out.flush();
}

}  // namespace weft::exports

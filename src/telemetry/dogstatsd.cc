#include "telemetry/dogstatsd.h"

#include <charconv>
#include <cmath>
#include <optional>

namespace weft::telemetry {
namespace {

using Type = MetricPoint::Type;

// The text before the next `separator`, taken off `rest`.
std::string_view take_until(char separator, std::string_view& rest) {
  const size_t end = rest.find(separator);
  const std::string_view head = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return head;
}

std::optional<double> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

std::optional<Type> type_of(std::string_view code) {
  if (code == "c") return Type::kCount;
  if (code == "g") return Type::kGauge;
  if (code == "s") return Type::kSet;
  if (code == "ms" || code == "h" || code == "d") return Type::kDistribution;
  return std::nullopt;
}

bool read_values(std::string_view text, MetricPoint& point) {
  if (point.type == Type::kSet) {
    point.member = text;
    return !text.empty();
  }
  do {
    const auto value = number(take_until(':', text));
    if (!value) return false;
    point.values.push_back(*value);
  } while (!text.empty());
  return true;
}

bool read_section(std::string_view section, MetricPoint& point) {
  if (section.starts_with('@')) {
    const auto rate = number(section.substr(1));
    if (!rate || *rate <= 0 || *rate > 1) return false;
    const bool sampled = point.type == Type::kCount || point.type == Type::kDistribution;
    if (sampled) point.rate = *rate;
  } else if (section.starts_with('#')) {
    section.remove_prefix(1);
    while (!section.empty()) {
      const std::string_view tag = take_until(',', section);
      if (!tag.empty()) point.tags.push_back(tag);
    }
  }
  return true;
}

bool read_line(std::string_view line, MetricPoint& point) {
  point.name = take_until(':', line);
  const std::string_view values = take_until('|', line);
  const auto type = type_of(take_until('|', line));
  if (point.name.empty() || !type) return false;
  point.type = *type;
  if (!read_values(values, point)) return false;
  while (!line.empty()) {
    if (!read_section(take_until('|', line), point)) return false;
  }
  return true;
}

}  // namespace

Datagram parse_dogstatsd(std::string_view datagram) {
  Datagram result;
  while (!datagram.empty()) {
    std::string_view line = take_until('\n', datagram);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.starts_with("_e{") || line.starts_with("_sc|")) {
      ++result.other;
      continue;
    }
    MetricPoint point;
    if (read_line(line, point)) {
      result.points.push_back(std::move(point));
    } else {
      ++result.malformed;
    }
  }
  return result;
}

}  // namespace weft::telemetry

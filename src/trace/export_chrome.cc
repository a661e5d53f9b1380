#include "trace/export_chrome.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "json/write.h"

namespace weft::trace {
namespace {

void append_argument(std::string_view key, std::string_view value, std::string& out) {
  if (value.empty()) return;
  if (out.back() != '{') out += ',';
  json::write_string(key, out);
  out += ':';
  json::write_string(value, out);
}

std::string metadata(std::string_view what, uint32_t process, uint32_t thread,
                     std::string_view name) {
  std::string out = fmt::format(R"({{"ph":"M","name":"{}","pid":{},"tid":{},"args":{{"name":)",
                                what, process, thread);
  json::write_string(name, out);
  return out + "}}";
}

void append_arguments(const Span& span, std::string& out) {
  append_argument("status", history::to_string(span.status), out);
  append_argument("resource", span.resource, out);
  append_argument("error", span.error, out);
  append_argument("cause", span.cause, out);
  for (const auto& [key, value] : span.attributes) append_argument(key, value, out);
  for (const auto& [key, value] : span.numbers) {
    if (out.back() != '{') out += ',';
    json::write_string(key, out);
    fmt::format_to(std::back_inserter(out), ":{}", value);
  }
}

// Perfetto's own palette, by what happened.
std::string_view color_of(const Span& span) {
  if (span.failed()) return "terrible";
  switch (span.kind) {
    case SpanKind::kQueue:
      return "grey";
    case SpanKind::kColdStart:
      return "bad";
    case SpanKind::kLambda:
      return "good";
    default:
      return "";
  }
}

// Branches and iterations run side by side in one execution, which stacked slices of one thread
// cannot show: each gets a thread of its own, numbered above the lanes.
class Threads {
 public:
  // The thread of the next span, depth first.
  uint32_t thread_of(const PlacedSpan& placed) {
    const Span& span = placed.span;
    while (!forks_.empty() && forks_.back().first >= span.depth) forks_.pop_back();
    if (span.kind == SpanKind::kBranch || span.kind == SpanKind::kIteration) {
      forks_.emplace_back(span.depth, next_++);
    }
    return forks_.empty() ? placed.lane + 1 : forks_.back().second;
  }
  // True for the first span of a thread.
  bool is_new(uint32_t process, uint32_t thread) { return named_.emplace(process, thread).second; }

  std::string name_of(const PlacedSpan& placed) const {
    if (!forks_.empty()) return placed.span.name;
    return placed.group == 0 ? "states" : fmt::format("lane {}", placed.lane);
  }

 private:
  uint32_t next_ = 1'000'000;
  std::vector<std::pair<uint16_t, uint32_t>> forks_;  // depth and thread of the open ones
  std::set<std::pair<uint32_t, uint32_t>> named_;
};

// Start times are whole milliseconds, durations microseconds: a child may seem to start a little
// before the one that left its lane, and overlapping slices of a thread do not nest. Such a child
// is moved to where the lane became free.
class LaneEnds {
 public:
  void fit(PlacedSpan& placed) {
    Span& span = placed.span;
    if (placed.group == 0) return;
    int64_t& end = ends_[{placed.group, placed.lane}];
    if (span.depth == 0) {
      earliest_ = end;
      end = std::max(end, span.end_us());
    }
    int64_t start = std::max(span.start_us, earliest_);
    span.duration_us = std::max<int64_t>(0, span.end_us() - start);
    span.start_us = start;
  }

 private:
  std::map<std::pair<uint32_t, uint32_t>, int64_t> ends_;  // by Map Run and lane
  int64_t earliest_ = 0;                                   // of the child that is being written
};

void append_slice(const PlacedSpan& placed, uint32_t thread, std::string& out) {
  const Span& span = placed.span;
  out += R"({"ph":"X","name":)";
  json::write_string(span.name, out);
  fmt::format_to(std::back_inserter(out), R"(,"cat":"{}","pid":{},"tid":{},"ts":{},"dur":{})",
                 to_string(span.kind), placed.group + 1, thread, span.start_us, span.duration_us);
  if (std::string_view color = color_of(span); !color.empty()) {
    out += fmt::format(R"(,"cname":"{}")", color);
  }
  out += R"(,"args":{)";
  append_arguments(span, out);
  out += "}}";
}

// What functions sent may overlap, and its clock is another: a track of its own for each child.
void append_call(const PlacedSpan& placed, std::string& out) {
  const Span& span = placed.span;
  const std::string place =
      fmt::format(R"("cat":"inner","id2":{{"local":"{}.{}"}},"pid":{},"tid":{})", placed.group,
                  placed.child_index, placed.group + 1, placed.lane + 1);
  std::string common = R"("name":)";
  json::write_string(span.name, common);
  (common += ',') += place;
  out += fmt::format(R"({{"ph":"b",{},"ts":{},"args":{{)", common, span.start_us);
  append_arguments(span, out);
  for (const SpanEvent& event : span.events) {
    out += R"(}},
{"ph":"n","name":)";
    json::write_string(event.name, out);
    out += fmt::format(R"(,{},"ts":{},"args":{{)", place, event.time_ns / 1'000);
    for (const auto& [key, value] : event.attributes) append_argument(key, value, out);
  }
  out += fmt::format("}}}},\n{{\"ph\":\"e\",{},\"ts\":{}}}", common, span.end_us());
}

}  // namespace

// A drawing wants a bar in its lane for every child; groups, which overlap, have no place in it.
base::Result<void> export_chrome(const TraceSource& source, const SpanStreamOptions& options,
                                 const Write& write) {
  SpanStreamOptions drawn = options;
  drawn.every_child = true;
  std::string out = R"({"displayTimeUnit":"ms","traceEvents":[)"
                    "\n";
  out += metadata("process_name", 1, 0, "execution " + source.parent.name);
  Threads threads;
  LaneEnds lanes;
  std::set<uint32_t> named;  // groups whose process has a name
  auto done = for_each_span(source, drawn, [&](PlacedSpan& placed) {
    if (placed.run != nullptr && named.insert(placed.group).second) {
      out += ",\n" + metadata("process_name", placed.group + 1, 0,
                              fmt::format("Map Run {} ({} children)", placed.run->label,
                                          placed.run->rows.size()));
    }
    lanes.fit(placed);
    uint32_t thread = threads.thread_of(placed);
    if (threads.is_new(placed.group, thread)) {
      out += ",\n" + metadata("thread_name", placed.group + 1, thread, threads.name_of(placed));
    }
    out += ",\n";
    if (placed.span.kind == SpanKind::kInner) {
      append_call(placed, out);
    } else {
      append_slice(placed, thread, out);
    }
    if (out.size() > (1u << 20)) {
      write(out);
      out.clear();
    }
  });
  write(out += "\n]}\n");
  return done;
}

}  // namespace weft::trace

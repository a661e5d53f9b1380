#include "trace/export_chrome.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/counted.h"
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

// Rows for what lasts a while and overlaps: each gets the first row that is free all that time, so
// that there are as many rows as there was at once.
class Rows {
 public:
  uint32_t place(int64_t start, int64_t end) {
    end = std::max(end, start + 1);
    uint32_t row = 0;
    while (row < taken_.size() && !is_free(taken_[row], start, end)) ++row;
    if (row == taken_.size()) taken_.emplace_back();
    taken_[row][start] = end;
    return row;
  }

 private:
  using Taken = std::map<int64_t, int64_t>;  // start to end
  static bool is_free(const Taken& taken, int64_t start, int64_t end) {
    const auto next = taken.lower_bound(start);
    if (next != taken.end() && next->first < end) return false;
    return next == taken.begin() || std::prev(next)->second <= start;
  }
  std::vector<Taken> taken_;
};

// Branches and iterations run side by side in one execution, which stacked slices of one thread
// cannot show: each gets a thread beside the others, numbered above the lanes.
class Threads {
 public:
  // The thread of the next span, depth first.
  uint32_t thread_of(const PlacedSpan& placed) {
    const Span& span = placed.span;
    while (!forks_.empty() && forks_.back().first >= span.depth) forks_.pop_back();
    if (span.kind == SpanKind::kBranch || span.kind == SpanKind::kIteration) {
      const uint32_t row = rows_[placed.group].place(span.start_us, span.end_us());
      forks_.emplace_back(span.depth, kFirstFork + row);
    }
    return forks_.empty() ? placed.lane + 1 : forks_.back().second;
  }
  // True for the first span of a thread.
  bool is_new(uint32_t process, uint32_t thread) { return named_.emplace(process, thread).second; }

  std::string name_of(const PlacedSpan& placed, uint32_t thread) const {
    if (thread >= kFirstFork) return fmt::format("side by side {}", thread - kFirstFork + 1);
    return placed.group == 0 ? "states" : fmt::format("lane {}", placed.lane);
  }

 private:
  static constexpr uint32_t kFirstFork = 1'000'000;
  std::map<uint32_t, Rows> rows_;                     // by group
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
  // A mark on the row of the slice.
  for (const SpanEvent& event : span.events) {
    out += R"(,
{"ph":"i","s":"t","name":)";
    json::write_string(event.name, out);
    out += fmt::format(R"(,"cat":"{}","pid":{},"tid":{},"ts":{},"args":{{)", to_string(span.kind),
                       placed.group + 1, thread, event.time_ns / 1'000);
    for (const auto& [key, value] : event.attributes) append_argument(key, value, out);
    out += "}}";
  }
}

// What functions sent may overlap, and its clock is another: it gets tracks beside the lanes.
void append_call(const PlacedSpan& placed, uint32_t row, std::string& out) {
  const Span& span = placed.span;
  const std::string place =
      fmt::format(R"("cat":"inner","id2":{{"local":"{}.{}"}},"pid":{},"tid":{})", placed.group, row,
                  placed.group + 1, placed.lane + 1);
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

// Holds what the functions of one child sent until its next one comes, and puts it where no other
// child's is at that time.
class Calls {
 public:
  bool is_of_another(const PlacedSpan& placed) const {
    return !held_.empty() &&
           (held_.front().group != placed.group || held_.front().child_index != placed.child_index);
  }
  void hold(const PlacedSpan& placed) { held_.push_back(placed); }
  void write(std::string& out) {
    if (held_.empty()) return;
    int64_t start = held_.front().span.start_us;
    int64_t end = start;
    for (const PlacedSpan& placed : held_) {
      start = std::min(start, placed.span.start_us);
      end = std::max(end, placed.span.end_us());
    }
    const uint32_t row = rows_[held_.front().group].place(start, end);
    for (const PlacedSpan& placed : held_) append_call(placed, row, out += ",\n");
    held_.clear();
  }

 private:
  std::vector<PlacedSpan> held_;
  std::map<uint32_t, Rows> rows_;  // by group
};

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
  Calls calls;
  std::set<uint32_t> named;  // groups whose process has a name
  auto done = for_each_span(source, drawn, [&](PlacedSpan& placed) {
    if (placed.run != nullptr && named.insert(placed.group).second) {
      out += ",\n" +
             metadata("process_name", placed.group + 1, 0,
                      fmt::format("Map Run {} ({})", placed.run->label,
                                  base::counted(placed.run->rows.size(), "child", "children")));
    }
    if (calls.is_of_another(placed)) calls.write(out);
    lanes.fit(placed);
    const uint32_t thread = threads.thread_of(placed);
    if (placed.span.kind == SpanKind::kInner) {
      calls.hold(placed);
    } else {
      if (threads.is_new(placed.group, thread)) {
        out += ",\n" +
               metadata("thread_name", placed.group + 1, thread, threads.name_of(placed, thread));
      }
      append_slice(placed, thread, out += ",\n");
    }
    if (out.size() > (1u << 20)) {
      write(out);
      out.clear();
    }
  });
  calls.write(out);
  write(out += "\n]}\n");
  return done;
}

}  // namespace weft::trace

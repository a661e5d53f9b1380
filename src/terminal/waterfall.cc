#include "terminal/waterfall.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "arn/arn.h"
#include "columns/columns.h"
#include "columns/errors.h"
#include "columns/order.h"
#include "columns/strip.h"
#include "columns/summary.h"
#include "terminal/bar.h"
#include "terminal/shell_word.h"
#include "terminal/text.h"
#include "terminal/time_split.h"
#include "trace/error_text.h"
#include "trace/identity.h"
#include "trace/project.h"
#include "trace/span_stream.h"

namespace weft::terminal {
namespace {

using arn::execution_name_of;
using history::ChildRow;
using history::ExecutionStatus;
using trace::error_text;
using trace::ExecutionTrace;
using trace::high_hash;
using trace::last_execution_of;
using trace::map_runs_of_child;
using trace::MapRunTrace;
using trace::Placement;
using trace::project_execution;
using trace::Redactor;
using trace::sentence_of;
using trace::Span;
using trace::SpanKind;
using trace::trace_of;
using trace::TraceSource;

constexpr size_t kWidthMin = 60;
constexpr size_t kDurationColumns = 9;
constexpr size_t kItemColumnsMin = 12;
constexpr size_t kRowsPerParent = 20;
constexpr size_t kRowsPerChild = 10;

std::string_view mark_of(ExecutionStatus status) {
  constexpr std::string_view kMarks[] = {"●", "✓", "✗", "✗", "⊘", "●"};
  return kMarks[static_cast<size_t>(status)];
}

Style style_of(ExecutionStatus status) {
  constexpr Style kStyles[] = {Style::kWarning, Style::kGood,    Style::kBad,
                               Style::kBad,     Style::kWarning, Style::kWarning};
  return kStyles[static_cast<size_t>(status)];
}

std::string failure_text(const Span& span) {
  std::string text = span.error;
  if (!span.cause.empty()) text += (text.empty() ? "" : ": ") + error_text(span.cause).message;
  return text;
}

// The function, "POST /orders", or the type of the state.
std::string what_it_calls(const Span& span) {
  if (!span.attribute("function").empty()) return std::string(span.attribute("function"));
  const std::string_view url = span.attribute("http.url");
  if (url.empty()) return std::string(span.attribute("state_type"));
  const size_t path = url.find('/', std::min(url.find("://") + 3, url.size()));
  return fmt::format("{} {}", span.attribute("http.method"),
                     path == std::string_view::npos ? url : url.substr(path));
}

// The finished children, in the order of `run.rows`.
columns::Columns columns_of(const MapRunTrace& run) {
  columns::Columns children;
  children.origin_us = run.start_ms * 1'000;
  for (const ChildRow& row : run.rows) children.append(row);
  return children;
}

bool is_function_part(SpanKind kind) {
  return kind == SpanKind::kQueue || kind == SpanKind::kColdStart || kind == SpanKind::kLambda;
}

Stretch stretch_of(SpanKind kind) {
  switch (kind) {
    case SpanKind::kQueue:
      return Stretch::kQueue;
    case SpanKind::kColdStart:
      return Stretch::kColdStart;
    case SpanKind::kLambda:
    case SpanKind::kInner:
      return Stretch::kRun;
    case SpanKind::kWait:
    case SpanKind::kTokenWait:
      return Stretch::kIdle;
    default:
      return Stretch::kState;
  }
}

// Spans[at] and what lies below it, as one bar.
std::vector<Piece> pieces_of(const std::vector<Span>& spans, size_t at) {
  std::vector<Piece> pieces;
  for (size_t i = at; i < spans.size() && (i == at || spans[i].depth > spans[at].depth); ++i) {
    const Span& span = spans[i];
    bool drawn = i == at || is_function_part(span.kind) || span.kind == SpanKind::kWait ||
                 span.kind == SpanKind::kTokenWait;
    if (!drawn) continue;
    Stretch stretch = stretch_of(span.kind);
    if (i == at && span.attribute("state_type") == "Wait") stretch = Stretch::kIdle;
    bool failed = span.failed() && !is_function_part(spans[at].kind);
    pieces.push_back({stretch, span.start_us, span.end_us(), failed});
  }
  return pieces;
}

// The execution from its start to the end of its last redrive.
Span whole_of(const std::vector<Span>& spans) {
  Span whole = spans.front();
  const Span& last = last_execution_of(spans);
  if (&last == &spans.front()) return whole;
  whole.duration_us = last.end_us() - whole.start_us;
  whole.status = last.status;
  whole.error = last.error;
  whole.cause = last.cause;
  whole.attributes.emplace_back("output", last.attribute("output"));
  return whole;
}

// "redrive 2 · " of a span that goes on with what ended before.
std::string redrive_of(const Span& span) {
  const std::string_view redrive = span.attribute("redrive_count");
  return redrive.empty() || redrive == "0" ? "" : fmt::format("redrive {} · ", redrive);
}

class Waterfall {
 public:
  Waterfall(const TraceSource& source, const WaterfallOptions& options)
      : source_(source), options_(options), painter_(options.color) {
    width_ = std::max(options.width, kWidthMin);
    label_ = std::clamp<size_t>(width_ * 36 / 100, 24, 48);
    bar_ = width_ - label_ - kDurationColumns - 2;
  }

  base::Result<std::string> render() {
    Placement placement{.trace = trace_of(source_),
                        .parent_span = source_.context.span,
                        .now_ms = source_.now_ms,
                        .payloads = options_.payloads};
    std::vector<Span> spans = project_execution(source_.parent, placement);
    const Span whole = whole_of(spans);
    scale_ = {whole.start_us, std::max<int64_t>(whole.duration_us, 1'000), bar_};
    header(whole);
    axis_line("", scale_);
    for (size_t i = 0; i < spans.size(); ++i) {
      if (spans[i].depth == 0) rows(spans, i, 0, kRowsPerParent, false);
    }
    for (const MapRunTrace& run : source_.map_runs) {
      if (auto done = children(run); !done) return std::unexpected(done.error());
    }
    legend();
    return painter_.take();
  }

 private:
  // ---- lines

  void text_line(Style style, size_t indent, std::string_view text) {
    painter_.put(Style::kPlain, std::string(indent, ' '));
    painter_.put(style, cut(text, options_.whole_text ? kUnbounded : width_ - indent));
    painter_.end_line();
  }

  // A name, key or ARN, which is cut in the middle.
  void name_line(Style style, size_t indent, std::string_view name) {
    const std::string line = single_line(name);
    text_line(style, indent, options_.whole_text ? line : cut_middle(line, width_ - indent));
  }

  void header(const Span& root) {
    painter_.put(Style::kBold, cut_middle(source_.parent.machine, width_ / 2));
    painter_.put(Style::kPlain, "  ");
    painter_.put(style_of(root.status),
                 fmt::format("{} {}", mark_of(root.status), history::to_string(root.status)));
    painter_.put(Style::kPlain, root.status == ExecutionStatus::kRunning ? " for " : " in ");
    painter_.put(Style::kBold, base::format_duration_us(root.duration_us));
    painter_.end_line();
    name_line(Style::kDim, 0, source_.parent.arn);
    if (!source_.parent.item.empty()) name_line(Style::kPlain, 0, "item " + source_.parent.item);
    text_line(Style::kDim, 0,
              fmt::format("started {} · trace {}", base::format_iso_ms(source_.parent.start_ms),
                          root.trace.hex()));
    for (const std::string_view what : {"input", "output"}) {
      const std::string_view payload = root.attribute(what);
      if (!payload.empty()) payload_line(what, payload);
    }
    if (!source_.note.empty()) text_line(Style::kWarning, 0, source_.note);
    if (root.status != ExecutionStatus::kSucceeded && !root.error.empty()) {
      text_line(Style::kBad, 0, failure_text(root));
    }
    painter_.end_line();
  }

  void payload_line(std::string_view what, std::string_view payload) {
    if (!options_.whole_text) return text_line(Style::kDim, 0, fmt::format("{} {}", what, payload));
    const std::string whole =
        fmt::format("weft describe {} --json{}", shell_word(source_.parent.name), options_.where);
    text_line(Style::kDim, 0, fmt::format("{} {}", what, glance(payload, whole)));
  }

  void axis_line(std::string_view title, const TimeScale& scale) {
    painter_.put(Style::kBold, fit(title, label_));
    painter_.put(Style::kPlain, " ");
    painter_.put(Style::kDim, axis(scale));
    painter_.end_line();
  }

  void duration(int64_t duration_us) {
    std::string text = duration_us == 0 ? "< 1 ms" : base::format_duration_us(duration_us);
    painter_.put(Style::kPlain, fmt::format(" {:>{}}", text, kDurationColumns));
    painter_.end_line();
  }

  void span_row(const std::vector<Span>& spans, size_t at, size_t indent, const TimeScale& scale,
                std::string_view prefix) {
    const Span& span = spans[at];
    // One that a task started goes by its state machine: its own name is a UUID mostly.
    const std::string_view machine = span.attribute("statemachinename");
    const bool nested = span.kind == SpanKind::kExecution && span.depth > 0 && !machine.empty();
    std::string name = std::string(prefix) + printable(nested ? machine : span.name);
    if (span.kind == SpanKind::kInner && !span.resource.empty())
      name += " " + printable(span.resource);
    const std::string type = nested ? span.name : what_it_calls(span);
    painter_.put(Style::kPlain, std::string(indent, ' '));
    painter_.put(style_of(span.status), mark_of(span.status));
    painter_.put(Style::kPlain, " ");
    size_t room = label_ - indent - 2;
    std::string suffix = type.empty() ? "" : fmt::format(" · {}", printable(type));
    if (!span.attribute("error.caught").empty()) suffix += ", caught";
    size_t name_room = room > display_width(suffix) + 8 ? room - display_width(suffix) : room;
    if (name_room == room) suffix.clear();
    std::string shown = cut_middle(name, name_room);
    painter_.put(Style::kPlain, shown);
    painter_.put(Style::kDim, fit(suffix, room - std::min(room, display_width(shown))));
    painter_.put(Style::kPlain, " ");
    draw_bar(scale, pieces_of(spans, at), painter_);
    duration(span.duration_us);
  }

  // Spans[at] and all below it, one row each, function calls folded into their task's bar.
  void rows(const std::vector<Span>& spans, size_t at, size_t indent, size_t limit, bool aligned) {
    const TimeScale& scale = aligned ? aligned_ : scale_;
    size_t shown = 0;
    size_t hidden = 0;
    size_t folded = 0;  // levels that are part of the task's bar
    for (size_t i = at; i < spans.size(); ++i) {
      if (i > at && spans[i].depth <= spans[at].depth) break;
      const bool inner = spans[i].kind == SpanKind::kInner;
      if (!inner) folded = spans[i].kind == SpanKind::kLambda ? 1 : 0;
      if (is_function_part(spans[i].kind) || spans[i].kind == SpanKind::kWait) continue;
      // What a function sent stands below its call, what a service sent below the attempt itself.
      size_t below = static_cast<size_t>(spans[i].depth - spans[at].depth) - folded;
      size_t depth = indent + 2 * below;
      depth = std::min(depth, label_ / 2);
      if (spans[i].kind == SpanKind::kMapRun) {
        const MapRunTrace* run = find_run(spans[i]);
        // Children stand below the first span of a Map Run that was redriven.
        if (run != nullptr && spans[i].span_id == high_hash(run->arn))
          group_rows(*run, spans[i], depth, aligned);
        if (redrive_of(spans[i]).empty()) continue;
      }
      if (shown == limit) {
        ++hidden;
        continue;
      }
      ++shown;
      span_row(spans, i, depth, scale, redrive_of(spans[i]));
      if (spans[i].kind != SpanKind::kExecution && !inner) failure_line(spans, i, depth + 2);
    }
    if (hidden > 0) text_line(Style::kDim, indent + 2, fmt::format("… {} more", grouped(hidden)));
  }

  // Where a failure happened, not every level it passed.
  void failure_line(const std::vector<Span>& spans, size_t at, size_t indent) {
    const Span& span = spans[at];
    bool innermost = at + 1 >= spans.size() || spans[at + 1].depth <= span.depth ||
                     is_function_part(spans[at + 1].kind) || spans[at + 1].kind == SpanKind::kInner;
    if (span.error.empty() || !innermost) return;
    text_line(Style::kBad, indent, failure_text(span));
  }

  const MapRunTrace* find_run(const Span& span) const {
    for (const std::vector<MapRunTrace>* runs : {&source_.map_runs, &child_runs_}) {
      const auto run = std::ranges::find(*runs, span.resource, &MapRunTrace::arn);
      if (run != runs->end()) return &*run;
    }
    return nullptr;
  }

  // ---- the group

  void group_rows(const MapRunTrace& run, const Span& span, size_t indent, bool aligned) {
    const int64_t start_us = aligned ? child_start_us_ : scale_.start_us;
    const int64_t length_us = aligned ? aligned_.length_us : scale_.length_us;
    const columns::Columns children = columns_of(run);
    const columns::RowSpan all = columns::all_rows(children);
    const columns::Summary group = columns::summarize(children, all);
    uint64_t total = group.count + run.running + run.pending + run.unfinished;
    painter_.put(Style::kPlain, std::string(indent, ' '));
    painter_.put(style_of(run.status), "▣");
    painter_.put(Style::kBold, fit(" " + counted(total, "child", "children"), label_ - indent - 1));
    painter_.put(Style::kPlain, " ");
    std::vector<double> running;
    std::vector<double> failed;
    const int64_t from = start_us - children.origin_us;
    for (const auto& bucket : columns::strip(children, all, {from, from + length_us}, bar_)) {
      running.push_back(bucket.running);
      failed.push_back(bucket.errors);
    }
    painter_.put(Style::kGood, draw_strip(running));
    duration(span.duration_us);
    if (group.failed > 0) {
      painter_.put(Style::kPlain, std::string(indent + 2, ' '));
      painter_.put(Style::kBad,
                   fit(fmt::format("✗ {} failed", grouped(group.failed)), label_ - indent - 2));
      painter_.put(Style::kPlain, " ");
      painter_.put(Style::kBad, draw_strip(failed));
      painter_.end_line();
    }
    group_facts(run, children, group, indent + 2);
  }

  void group_facts(const MapRunTrace& run, const columns::Columns& children,
                   const columns::Summary& group, size_t indent) {
    std::string counts = fmt::format(
        "{} succeeded", grouped(group.by_status[static_cast<size_t>(ExecutionStatus::kSucceeded)]));
    auto add = [&counts](uint64_t count, std::string_view what) {
      if (count > 0) counts += fmt::format(" · {} {}", grouped(count), what);
    };
    add(group.by_status[static_cast<size_t>(ExecutionStatus::kFailed)], "failed");
    add(group.by_status[static_cast<size_t>(ExecutionStatus::kTimedOut)], "timed out");
    add(group.by_status[static_cast<size_t>(ExecutionStatus::kAborted)], "aborted");
    add(run.running, "running");
    add(run.pending, "pending");
    add(run.unfinished, "not finished");
    const auto add_some = [&counts](uint64_t count, std::string_view one, std::string_view many) {
      if (count > 0) counts += " · " + counted(count, one, many);
    };
    add_some(group.retries, "retry", "retries");
    add_some(group.cold_starts, "cold start", "cold starts");
    add(group.lanes, "at once");
    text_line(Style::kPlain, indent, counts);
    if (group.count == 0) return;
    if (run.detail && !run.detail->complete()) detail_lines(sentence_of(*run.detail), indent);
    const metrics::Percentiles& p = group.duration;
    text_line(Style::kPlain, indent,
              fmt::format("p50 {} · p95 {} · p99 {} · max {}", base::format_duration_us(p.p50),
                          base::format_duration_us(p.p95), base::format_duration_us(p.p99),
                          base::format_duration_us(p.max)));
    const columns::RowSpan rows = columns::all_rows(children);
    const std::string all = time_split_text(columns::split_time(children, rows));
    const std::string tail =
        time_split_text(columns::split_time(children, columns::slower_than(children, rows, p.p95)));
    if (all.empty() || tail.empty()) return;
    text_line(Style::kDim, indent, "time of all: " + all);
    text_line(Style::kDim, indent, "slowest 5 %: " + tail);
  }

  // Which children kept full detail; the reasons below it where both do not fit.
  void detail_lines(const std::string& sentence, size_t indent) {
    const size_t colon = sentence.find(": ");
    if (colon == std::string::npos || indent + display_width(sentence) <= width_) {
      return text_line(Style::kWarning, indent, sentence);
    }
    text_line(Style::kWarning, indent, sentence.substr(0, colon + 1));
    text_line(Style::kWarning, indent + 2, sentence.substr(colon + 2));
  }

  // ---- children

  base::Result<void> children(const MapRunTrace& run) {
    if (run.rows.empty()) return {};
    const columns::Columns children = columns_of(run);
    const columns::RowSpan all = columns::all_rows(children);
    const auto errors =
        columns::group_errors(children, all, columns::extent(children, all), options_.error_groups);
    std::vector<const ChildRow*> slowest;
    for (const uint32_t row : columns::slowest(children, all, options_.slowest)) {
      slowest.push_back(&run.rows[row]);
    }
    std::vector<const ChildRow*> shown = slowest;
    for (const auto& group : errors.groups) shown.push_back(&run.rows[group.exemplars.front()]);
    int64_t longest = 1'000;
    for (const ChildRow* row : shown) longest = std::max(longest, row->duration_us);
    aligned_ = {0, longest, bar_};

    std::string of = source_.map_runs.size() > 1 ? fmt::format(" of {}", run.state_name) : "";
    painter_.end_line();
    axis_line(fmt::format("Slowest children{}", of), aligned_);
    for (const ChildRow* row : slowest) {
      if (auto done = child(run, *row, ""); !done) return done;
    }
    if (errors.groups.empty()) return {};
    painter_.end_line();
    axis_line(fmt::format("One of each error{}", of), aligned_);
    for (const columns::ErrorGroup& group : errors.groups) {
      const std::string prefix = fmt::format("{} × ", grouped(group.count));
      if (auto done = child(run, run.rows[group.exemplars.front()], prefix); !done) return done;
    }
    if (const size_t more = errors.total - errors.groups.size(); more > 0) {
      text_line(Style::kDim, 2, fmt::format("… {}", counted(more, "more error")));
    }
    return {};
  }

  // A child's name, whole, behind the key of its item.
  void item_line(std::string_view item, const std::string& name) {
    if (item.empty()) return name_line(Style::kDim, 2, name);
    const size_t room = width_ - std::min(width_ - kItemColumnsMin, display_width(name) + 4);
    name_line(
        Style::kDim, 2,
        fmt::format("{}  {}",
                    options_.whole_text ? std::string(item) : cut_middle(single_line(item), room),
                    name));
  }

  // One child from its own start: its row, then its states.
  base::Result<void> child(const MapRunTrace& run, const ChildRow& row, std::string_view prefix) {
    auto execution = source_.child(run, row.index);
    if (!execution) return std::unexpected(execution.error());
    Placement placement{.parent_span = high_hash(run.arn),
                        .map_child = true,
                        .now_ms = source_.now_ms,
                        .payloads = options_.payloads};
    std::vector<Span> spans = project_execution(*execution, placement);
    child_start_us_ = spans[0].start_us;
    for (Span& span : spans) span.start_us -= child_start_us_;
    auto runs = map_runs_of_child(source_, *execution, spans);
    if (!runs) return std::unexpected(runs.error());
    child_runs_ = std::move(*runs);
    spans[0] = whole_of(spans);
    // A row counts microseconds, events whole milliseconds: no state is longer than its child.
    spans[0].duration_us = std::max(row.duration_us, spans[0].duration_us);
    std::string name = std::exchange(spans[0].name, fmt::format("#{}", row.index));
    if (example_.empty()) example_ = name;
    if (!spans[0].error.empty()) spans[0].name += " " + spans[0].error;
    span_row(spans, 0, 0, aligned_, prefix);
    item_line(execution->item, name);
    if (run.detail && run.detail->dropped(row.index)) {
      text_line(Style::kDim, 2, "the spans of its functions were not kept");
    }
    if (!shown_.insert({run.number, row.index}).second) {
      text_line(Style::kDim, 2, "shown above");
      return {};
    }
    std::vector<Span> states(std::make_move_iterator(spans.begin() + 1),
                             std::make_move_iterator(spans.end()));
    size_t shown = 0;
    bool redriven = false;  // the states of a redrive stand below its row
    for (size_t i = 0; i < states.size(); ++i) {
      if (states[i].depth > 1 || (states[i].depth == 1 && redriven)) continue;
      if (states[i].depth == 0) {
        redriven = true;
        states[i].name = fmt::format("#{}", row.index);
      }
      if (shown++ == kRowsPerChild) {
        text_line(Style::kDim, 4, "…");
        break;
      }
      rows(states, i, 2, kRowsPerChild, true);
    }
    return {};
  }

  void legend() {
    painter_.end_line();
    text_line(Style::kDim, 0,
              fmt::format("{} function  {} cold start  {} queued  {} waiting  {} state",
                          glyph_of(Stretch::kRun), glyph_of(Stretch::kColdStart),
                          glyph_of(Stretch::kQueue), glyph_of(Stretch::kIdle),
                          glyph_of(Stretch::kState)));
    if (example_.empty()) return;
    painter_.put(Style::kDim, "one child: ");
    painter_.put(Style::kDim,
                 command_lines("weft trace " + shell_word(example_) + std::string(options_.where),
                               options_.whole_text ? kUnbounded : width_, 11));
    painter_.end_line();
  }

  const TraceSource& source_;
  const WaterfallOptions& options_;
  Painter painter_;
  size_t width_ = 0;
  size_t label_ = 0;
  size_t bar_ = 0;
  TimeScale scale_;                                // of the execution
  TimeScale aligned_;                              // of children, from their own start
  int64_t child_start_us_ = 0;                     // of the child that is drawn
  std::vector<MapRunTrace> child_runs_;            // its Map Runs
  std::set<std::pair<uint64_t, uint64_t>> shown_;  // children drawn: Map Run and index
  std::string example_;                            // name of the first of them
};

}  // namespace

base::Result<std::string> render_waterfall(const TraceSource& source,
                                           const WaterfallOptions& options) {
  return Waterfall(source, options).render();
}

}  // namespace weft::terminal

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "arn/arn.h"
#include "base/time.h"
#include "cli/data_directory.h"
#include "cli/summary.h"
#include "reading/compare.h"
#include "terminal/bar.h"
#include "terminal/shell_word.h"
#include "terminal/table.h"
#include "trace/error_text.h"
#include "trace/identity.h"

namespace weft::cli {
namespace {

using base::format_duration_us;

constexpr size_t kLabelWidth = 11;

std::string line(const terminal::Terminal& terminal, std::string_view label,
                 std::string_view text) {
  return fmt::format("  {}{}\n", terminal.dim(terminal::fit(label, kLabelWidth)), text);
}

// Columns that are left of a line behind its label.
size_t room_of(const terminal::Terminal& terminal) {
  return terminal.room() - std::min(terminal.room(), kLabelWidth + 2);
}

// Facts beside each other, on as many lines as they need.
std::string flow(const terminal::Terminal& terminal, std::string_view label,
                 const std::vector<terminal::Cell>& facts) {
  constexpr size_t kGap = 3;
  std::string text;
  std::string row;
  size_t used = 0;
  for (const terminal::Cell& fact : facts) {
    const size_t width = terminal::display_width(fact.text);
    if (used > 0 && used + kGap + width > room_of(terminal)) {
      text += line(terminal, text.empty() ? label : "", row);
      row.clear();
      used = 0;
    }
    if (used > 0) row.append(kGap, ' ');
    row += terminal.paint(fact.style, fact.text);
    used += (used > 0 ? kGap : 0) + width;
  }
  return text + line(terminal, text.empty() ? label : "", row);
}

// `text` of anybody behind its label, on at most `lines` lines of a terminal.
std::string told(const terminal::Terminal& terminal, std::string_view label, std::string_view text,
                 terminal::Style style, size_t lines) {
  const std::string shown = terminal::cut(terminal::single_line(text), room_of(terminal) * lines);
  const size_t indent = kLabelWidth + 2;
  return line(terminal, label,
              terminal.paint(style, terminal::wrapped(shown, terminal.room(), indent, indent)));
}

int64_t elapsed_us(base::UnixMs start, base::UnixMs stop) {
  return stop > start ? (stop - start) * 1000 : 0;
}

// The last part of an ARN; `weft trace` and its like take it too.
std::string name_of(const std::string& arn) { return std::string(arn::execution_name_of(arn)); }

// Times of executions are kept in milliseconds.
std::string wall_text(base::UnixMs start, base::UnixMs stop) {
  return stop > start ? format_duration_us(elapsed_us(start, stop)) : "less than 1 ms";
}

std::vector<terminal::Cell> percentiles(const metrics::Percentiles& values) {
  return {{"p50 " + format_duration_us(values.p50)},
          {"p95 " + format_duration_us(values.p95)},
          {"p99 " + format_duration_us(values.p99)},
          {"max " + format_duration_us(values.max)}};
}

std::vector<terminal::Cell> counts(const history::MapRunCounts& counts) {
  std::vector<terminal::Cell> facts = {
      {fmt::format("{} succeeded", terminal::grouped(counts.succeeded))}};
  const auto add = [&](uint64_t count, std::string_view what, terminal::Style style) {
    if (count > 0) facts.push_back({fmt::format("{} {}", terminal::grouped(count), what), style});
  };
  add(counts.failed, "failed", terminal::Style::kBad);
  add(counts.timed_out, "timed out", terminal::Style::kBad);
  add(counts.aborted, "aborted", terminal::Style::kBad);
  add(counts.pending, "never started", terminal::Style::kPlain);
  return facts;
}

std::string error_lines(const reading::MapRunSummary& map, const terminal::Terminal& terminal) {
  std::string text;
  const size_t room = room_of(terminal);
  for (const reading::ErrorExample& group : map.error_groups) {
    const std::string count = terminal::grouped(group.count) + " x ";
    const std::string error =
        group.error.empty() ? "no error name" : terminal::single_line(group.error);
    std::string cause = terminal::single_line(readable_cause(group.cause));
    if (group.count > 1) cause = reading::stable_text(cause);  // ids are those of one of them
    const size_t used = terminal::display_width(count) + terminal::display_width(error) + 2;
    std::string sentence =
        count + terminal.red(terminal::cut(error, room - std::min(room, count.size())));
    if (!cause.empty() && room > used + 8) sentence += ": " + terminal::cut(cause, room - used);
    text += line(terminal, text.empty() ? "errors" : "", sentence);
    text += line(terminal, "", terminal.dim("for example " + name_of(group.example_arn)));
  }
  if (map.error_groups_total > map.error_groups.size()) {
    text += line(
        terminal, "",
        "and " + terminal::counted(map.error_groups_total - map.error_groups.size(), "more kind"));
  }
  return text;
}

std::string slow_lines(const reading::MapRunSummary& map, const terminal::Terminal& terminal) {
  size_t width = 0;
  for (const reading::SlowChild& child : map.slowest)
    width = std::max(width, format_duration_us(child.duration_us).size());
  std::string text;
  for (const reading::SlowChild& child : map.slowest) {
    const std::string duration = format_duration_us(child.duration_us);
    std::string sentence =
        fmt::format("{:>{}}  {}", duration, width, terminal.dim(name_of(child.arn)));
    if (child.status != history::ExecutionStatus::kSucceeded) {
      sentence += "  " + terminal.status(history::to_string(child.status));
    }
    text += line(terminal, text.empty() ? "slowest" : "", sentence);
  }
  return text;
}

// The children that finished over time, in at most `width` parts.
std::string finished_strip(std::vector<uint64_t> finished, size_t width) {
  const size_t joined = (finished.size() + width - 1) / std::max<size_t>(width, 1);
  if (joined > 1) {
    std::vector<uint64_t> fewer((finished.size() + joined - 1) / joined);
    for (size_t i = 0; i < finished.size(); ++i) fewer[i / joined] += finished[i];
    finished = std::move(fewer);
  }
  return terminal::draw_strip(finished);
}

std::string functions_text(const reading::MapRunSummary& map, const terminal::Terminal& terminal) {
  std::string cold = terminal::counted(map.cold_starts, "cold start");
  if (map.cold_starts > 0) {
    cold +=
        fmt::format(", {} on average",
                    format_duration_us(map.cold_start_us / static_cast<int64_t>(map.cold_starts)));
  }
  std::vector<terminal::Cell> facts = {{std::move(cold)}};
  if (map.retries > 0) facts.push_back({terminal::counted(map.retries, "retry", "retries")});
  return flow(terminal, "functions", facts);
}

std::string map_run_text(const reading::MapRunSummary& map, const terminal::Terminal& terminal) {
  const int64_t wall_us = elapsed_us(map.run.start_ms, map.run.stop_ms);
  const double rate =
      wall_us > 0 ? static_cast<double>(map.children) * 1e6 / static_cast<double>(wall_us) : 0;
  const std::string_view status = to_string(map.run.status);
  const std::string wall = wall_text(map.run.start_ms, map.run.stop_ms);
  const size_t taken = std::min(terminal.room(), 2 + status.size() + 4 + wall.size());
  const std::string name =
      terminal::cut_middle(terminal::single_line(map.run.state_name), terminal.room() - taken);
  std::string text =
      fmt::format("\n{}  {} in {}\n", terminal.bold(name), terminal.status(status), wall);
  text +=
      line(terminal, "map run", terminal.dim(terminal::cut_middle(map.run.arn, room_of(terminal))));
  text += flow(terminal, "children", counts(map.run.executions));
  if (map.run.items.total != map.run.executions.total && map.run.items.total > 0) {
    text += flow(terminal, "items", counts(map.run.items));
  }
  if (map.children > 0) {
    text += flow(terminal, "duration", percentiles(map.duration_us));
    if (map.queue_us.max > 0) text += flow(terminal, "queued", percentiles(map.queue_us));
    text += functions_text(map, terminal);
    const std::string speed = terminal::rate_text(rate);
    const size_t beside = kLabelWidth + 2 + 3 + speed.size();  // the strip's ends and a blank
    const size_t drawing = static_cast<size_t>(terminal.width);
    text += line(
        terminal, "finished",
        fmt::format("▕{}▏ {}",
                    finished_strip(map.finished, drawing - std::min(drawing - 1, beside)), speed));
  }
  return text + error_lines(map, terminal) + slow_lines(map, terminal);
}

// What was lost of what functions sent; "" when nothing was.
std::string lost_text(const reading::TelemetrySummary& telemetry) {
  std::string text;
  const auto add = [&text](uint64_t count, std::string_view one, std::string_view many) {
    if (count == 0) return;
    text += (text.empty() ? "" : ", ") + terminal::counted(count, one, many);
  };
  add(telemetry.spans_dropped, "span dropped", "spans dropped");
  add(telemetry.spans_unknown, "span of no known call", "spans of no known call");
  add(telemetry.spans_late, "span too late for a child without detail",
      "spans too late for a child without detail");
  add(telemetry.log_lines_dropped, "log line dropped", "log lines dropped");
  add(telemetry.log_lines_cut, "log line beyond the bytes of its call",
      "log lines beyond the bytes of their call");
  add(telemetry.functions_killed, "function process killed that was still sending at the end",
      "function processes killed that were still sending at the end");
  return text;
}

}  // namespace

std::string readable_cause(const std::string& cause) { return trace::error_text(cause).message; }

std::string summary_text(const reading::RunSummary& summary, const terminal::Terminal& terminal,
                         const std::string& data_directory) {
  const reading::ExecutionView& execution = summary.execution;
  const std::string_view status = history::to_string(execution.status);
  const std::string wall = wall_text(execution.start_ms, execution.stop_ms);
  const size_t taken = std::min(terminal.room(), status.size() + 2 + 5 + wall.size());
  std::string text = fmt::format(
      "{}  {}  in {}\n", terminal.status(status),
      terminal.bold(terminal::cut_middle(execution.name, terminal.room() - taken)), wall);
  text += line(terminal, "execution",
               terminal.dim(terminal::cut_middle(execution.arn, room_of(terminal))));
  // On a terminal payloads are shown in part, in a pipe nothing is.
  const size_t room = terminal.room() - std::min(terminal.room(), kLabelWidth + 2);
  if (!execution.output.is_null())
    text += line(terminal, "output",
                 terminal::cut(terminal::single_line(execution.output.view()), room));
  if (execution.error) text += told(terminal, "error", *execution.error, terminal::Style::kBad, 2);
  if (execution.cause)
    text += told(terminal, "cause", readable_cause(*execution.cause), terminal::Style::kPlain, 3);
  if (summary.cold_starts > 0)
    text += line(terminal, "functions", terminal::counted(summary.cold_starts, "cold start"));
  if (summary.telemetry) {
    const reading::TelemetrySummary& telemetry = *summary.telemetry;
    if (telemetry.spans_after_end > 0) {
      text += told(terminal, "telemetry",
                   fmt::format("{} of functions, {} of them sent after the end",
                               terminal::counted(telemetry.spans, "span"),
                               terminal::grouped(telemetry.spans_after_end)),
                   terminal::Style::kPlain, 2);
    }
    if (const std::string lost = lost_text(*summary.telemetry); !lost.empty())
      text += told(terminal, "telemetry", lost, terminal::Style::kWarning, 8);
  }
  for (const reading::MapRunSummary& map : summary.map_runs) text += map_run_text(map, terminal);
  constexpr std::string_view kSee = "See where the time went:";
  text += fmt::format(
      "\n{} {}\n", terminal.dim(kSee),
      terminal::command_lines(fmt::format("weft trace {}{}", terminal::shell_word(execution.name),
                                          where_text(data_directory)),
                              terminal.room(), kSee.size() + 1));
  return text;
}

}  // namespace weft::cli

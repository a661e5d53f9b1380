#include <algorithm>

#include <fmt/format.h>

#include "arn/arn.h"
#include "base/time.h"
#include "cli/summary.h"
#include "terminal/bar.h"
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

int64_t elapsed_us(base::UnixMs start, base::UnixMs stop) {
  return stop > start ? (stop - start) * 1000 : 0;
}

// The last part of an ARN; `weft trace` and its like take it too.
std::string name_of(const std::string& arn) { return std::string(arn::execution_name_of(arn)); }

// Times of executions are kept in milliseconds.
std::string wall_text(base::UnixMs start, base::UnixMs stop) {
  return stop > start ? format_duration_us(elapsed_us(start, stop)) : "less than 1 ms";
}

std::string percentiles(const metrics::Percentiles& values) {
  return fmt::format("p50 {}   p95 {}   p99 {}   max {}", format_duration_us(values.p50),
                     format_duration_us(values.p95), format_duration_us(values.p99),
                     format_duration_us(values.max));
}

std::string counts(const history::MapRunCounts& counts, const terminal::Terminal& terminal) {
  std::string text = fmt::format("{} succeeded", terminal::grouped(counts.succeeded));
  const auto add = [&](uint64_t count, std::string_view what) {
    if (count > 0)
      text += "   " + terminal.red(fmt::format("{} {}", terminal::grouped(count), what));
  };
  add(counts.failed, "failed");
  add(counts.timed_out, "timed out");
  add(counts.aborted, "aborted");
  if (counts.pending > 0)
    text += fmt::format("   {} never started", terminal::grouped(counts.pending));
  return text;
}

std::string error_lines(const reading::MapRunSummary& map, const terminal::Terminal& terminal) {
  std::string text;
  const size_t room = static_cast<size_t>(std::max(terminal.width, 60)) - kLabelWidth - 4;
  for (const reading::ErrorExample& group : map.error_groups) {
    const std::string count = terminal::grouped(group.count) + " x ";
    const std::string error =
        group.error.empty() ? "no error name" : terminal::single_line(group.error);
    const std::string cause = terminal::single_line(readable_cause(group.cause));
    const size_t used = terminal::display_width(count) + terminal::display_width(error) + 2;
    std::string sentence = count + terminal.red(error);
    if (!cause.empty() && room > used + 8) sentence += ": " + terminal::cut(cause, room - used);
    text += line(terminal, text.empty() ? "errors" : "", sentence);
    text += line(terminal, "", terminal.dim("for example " + name_of(group.example_arn)));
  }
  if (map.error_groups_total > map.error_groups.size()) {
    text += line(terminal, "",
                 fmt::format("and {} more kinds",
                             terminal::grouped(map.error_groups_total - map.error_groups.size())));
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

std::string map_run_text(const reading::MapRunSummary& map, const terminal::Terminal& terminal) {
  const int64_t wall_us = elapsed_us(map.run.start_ms, map.run.stop_ms);
  const double rate =
      wall_us > 0 ? static_cast<double>(map.children) * 1e6 / static_cast<double>(wall_us) : 0;
  std::string text = fmt::format(
      "\n{}  {} in {}\n", terminal.bold(terminal::single_line(map.run.state_name)),
      terminal.status(to_string(map.run.status)), wall_text(map.run.start_ms, map.run.stop_ms));
  text += line(terminal, "children", counts(map.run.executions, terminal));
  if (map.run.items.total != map.run.executions.total && map.run.items.total > 0) {
    text += line(terminal, "items", counts(map.run.items, terminal));
  }
  if (map.children > 0) {
    text += line(terminal, "duration", percentiles(map.duration_us));
    if (map.queue_us.max > 0) text += line(terminal, "queued", percentiles(map.queue_us));
    std::string cold = fmt::format("{} cold start{}", terminal::grouped(map.cold_starts),
                                   map.cold_starts == 1 ? "" : "s");
    if (map.cold_starts > 0) {
      cold += fmt::format(
          ", {} on average",
          format_duration_us(map.cold_start_us / static_cast<int64_t>(map.cold_starts)));
    }
    if (map.retries > 0) cold += fmt::format("   {} retries", terminal::grouped(map.retries));
    text += line(terminal, "functions", cold);
    text +=
        line(terminal, "finished",
             fmt::format("▕{}▏ {}", terminal::draw_strip(map.finished), terminal::rate_text(rate)));
  }
  return text + error_lines(map, terminal) + slow_lines(map, terminal);
}

// What was lost of what functions sent; "" when nothing was.
std::string lost_text(const reading::TelemetrySummary& telemetry) {
  std::string text;
  const auto add = [&text](uint64_t count, std::string_view what) {
    if (count == 0) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", terminal::grouped(count), what);
  };
  add(telemetry.spans_dropped, "spans dropped");
  add(telemetry.spans_unknown, "spans of no known call");
  add(telemetry.spans_late, "spans too late for a child without detail");
  add(telemetry.log_lines_dropped, "log lines dropped");
  add(telemetry.log_lines_cut, "log lines beyond the bytes of their call");
  add(telemetry.functions_killed, "function processes killed that were still sending at the end");
  return text;
}

}  // namespace

std::string readable_cause(const std::string& cause) { return trace::error_text(cause).message; }

std::string summary_text(const reading::RunSummary& summary, const terminal::Terminal& terminal,
                         const std::string& data_directory) {
  const reading::ExecutionView& execution = summary.execution;
  std::string text =
      fmt::format("{}  {}  in {}\n", terminal.status(history::to_string(execution.status)),
                  terminal.bold(execution.name), wall_text(execution.start_ms, execution.stop_ms));
  text += line(terminal, "execution", terminal.dim(execution.arn));
  const size_t room = static_cast<size_t>(std::max(terminal.width, 60)) - kLabelWidth - 2;
  if (!execution.output.is_null())
    text += line(terminal, "output",
                 terminal::cut(terminal::single_line(execution.output.view()), room));
  if (execution.error)
    text += line(terminal, "error", terminal.red(terminal::single_line(*execution.error)));
  if (execution.cause)
    text += line(terminal, "cause",
                 terminal::cut(terminal::single_line(readable_cause(*execution.cause)), room * 3));
  if (summary.cold_starts > 0)
    text += line(terminal, "functions",
                 fmt::format("{} cold starts", terminal::grouped(summary.cold_starts)));
  if (summary.telemetry) {
    const reading::TelemetrySummary& telemetry = *summary.telemetry;
    if (telemetry.spans_after_end > 0) {
      text += line(terminal, "telemetry",
                   fmt::format("{} spans of functions, {} of them sent after the end",
                               terminal::grouped(telemetry.spans),
                               terminal::grouped(telemetry.spans_after_end)));
    }
    if (const std::string lost = lost_text(*summary.telemetry); !lost.empty())
      text += line(terminal, "telemetry", terminal.yellow(lost));
  }
  for (const reading::MapRunSummary& map : summary.map_runs) text += map_run_text(map, terminal);
  text += fmt::format("\n{} weft trace {} --data {}\n", terminal.dim("See where the time went:"),
                      execution.name, data_directory);
  return text;
}

}  // namespace weft::cli

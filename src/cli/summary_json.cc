#include <fmt/format.h>

#include "aws/answer.h"
#include "cli/summary.h"
#include "terminal/shell_word.h"

namespace weft::cli {
namespace {

using aws::Answer;
using json::Value;

double to_ms(int64_t us) { return static_cast<double>(us) / 1000.0; }

Value counts(const history::MapRunCounts& value, json::Arena& arena) {
  const auto number = [](uint64_t count) { return static_cast<int64_t>(count); };
  return Answer(arena)
      .number("pending", number(value.pending))
      .number("running", number(value.running))
      .number("succeeded", number(value.succeeded))
      .number("failed", number(value.failed))
      .number("timedOut", number(value.timed_out))
      .number("aborted", number(value.aborted))
      .number("total", number(value.total))
      .finish();
}

Value percentiles(const metrics::Percentiles& value, json::Arena& arena) {
  return Answer(arena)
      .real("p50", to_ms(value.p50))
      .real("p95", to_ms(value.p95))
      .real("p99", to_ms(value.p99))
      .real("max", to_ms(value.max))
      .finish();
}

Value error_groups(const reading::MapRunSummary& map, json::Arena& arena) {
  json::ArrayBuilder rows(arena);
  for (const reading::ErrorExample& group : map.error_groups) {
    rows.push(Answer(arena)
                  .number("count", static_cast<int64_t>(group.count))
                  .text("error", group.error)
                  .text("cause", group.cause)
                  .text("exampleArn", group.example_arn)
                  .finish());
  }
  return rows.finish();
}

Value slowest(const reading::MapRunSummary& map, json::Arena& arena) {
  json::ArrayBuilder rows(arena);
  for (const reading::SlowChild& child : map.slowest) {
    rows.push(Answer(arena)
                  .text("executionArn", child.arn)
                  .text("status", history::to_string(child.status))
                  .real("durationMs", to_ms(child.duration_us))
                  .finish());
  }
  return rows.finish();
}

Value map_run(const reading::MapRunSummary& map, json::Arena& arena) {
  return Answer(arena)
      .text("mapRunArn", map.run.arn)
      .text("stateName", map.run.state_name)
      .text("status", records::to_string(map.run.status))
      .number("wallMs", map.run.stop_ms > 0 ? map.run.stop_ms - map.run.start_ms : 0)
      .value("itemCounts", counts(map.run.items, arena))
      .value("executionCounts", counts(map.run.executions, arena))
      .value("durationMs", percentiles(map.duration_us, arena))
      .value("queueMs", percentiles(map.queue_us, arena))
      .number("coldStarts", static_cast<int64_t>(map.cold_starts))
      .real("coldStartMs", to_ms(map.cold_start_us))
      .number("retries", static_cast<int64_t>(map.retries))
      .number("errorGroupCount", static_cast<int64_t>(map.error_groups_total))
      .value("errorGroups", error_groups(map, arena))
      .value("slowest", slowest(map, arena))
      .finish();
}

Value telemetry(const reading::TelemetrySummary& value, json::Arena& arena) {
  const auto number = [](uint64_t count) { return static_cast<int64_t>(count); };
  return Answer(arena)
      .number("spans", number(value.spans))
      .number("spansAfterEnd", number(value.spans_after_end))
      .number("spansDropped", number(value.spans_dropped))
      .number("spansUnknown", number(value.spans_unknown))
      .number("spansLate", number(value.spans_late))
      .number("logLines", number(value.log_lines))
      .number("logLinesCut", number(value.log_lines_cut))
      .number("logLinesDropped", number(value.log_lines_dropped))
      .number("logLinesUnknown", number(value.log_lines_unknown))
      .number("logLinesLate", number(value.log_lines_late))
      .number("functionsKilled", number(value.functions_killed))
      .finish();
}

}  // namespace

std::string summary_json(const reading::RunSummary& summary, const std::string& data_directory) {
  const reading::ExecutionView& execution = summary.execution;
  json::Arena arena;
  Answer answer(arena);
  answer.text("status", history::to_string(execution.status))
      .text("executionArn", execution.arn)
      .text("stateMachineArn", execution.machine_arn)
      .text("name", execution.name)
      .text("startDate", base::format_iso_ms(execution.start_ms));
  if (execution.stop_ms > 0) {
    answer.text("stopDate", base::format_iso_ms(execution.stop_ms))
        .number("wallMs", execution.stop_ms - execution.start_ms);
  }
  if (!execution.output.is_null()) answer.text("output", execution.output.view());
  answer.optional_text("error", execution.error).optional_text("cause", execution.cause);
  answer.number("coldStarts", static_cast<int64_t>(summary.cold_starts));
  json::ArrayBuilder runs(arena);
  for (const reading::MapRunSummary& map : summary.map_runs) runs.push(map_run(map, arena));
  answer.value("mapRuns", runs.finish());
  if (summary.telemetry) answer.value("telemetry", telemetry(*summary.telemetry, arena));
  return answer
      .text("traceCommand", fmt::format("weft trace {} --data {}", execution.arn,
                                        terminal::shell_word(data_directory)))
      .to_text();
}

}  // namespace weft::cli

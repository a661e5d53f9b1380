#include <fmt/format.h>

#include "aws/answer.h"
#include "base/time.h"
#include "cli/commands.h"
#include "json/write.h"
#include "terminal/shell_word.h"

namespace weft::cli {
namespace {

constexpr std::string_view kMapRun = "mapRun";  // of an execution, one each

using Fields = std::vector<std::pair<std::string, std::string>>;  // AWS's member name, text

void add(Fields& fields, std::string name, std::string value) {
  if (!value.empty()) fields.emplace_back(std::move(name), std::move(value));
}

void add_dates(Fields& fields, base::UnixMs start, base::UnixMs stop) {
  add(fields, "startDate", base::format_iso_ms(start));
  if (stop > 0) add(fields, "stopDate", base::format_iso_ms(stop));
}

std::string counts_text(const history::MapRunCounts& counts) {
  return fmt::format(
      "{} total, {} succeeded, {} failed, {} timed out, {} aborted, {} running, {} pending",
      terminal::grouped(counts.total), terminal::grouped(counts.succeeded),
      terminal::grouped(counts.failed), terminal::grouped(counts.timed_out),
      terminal::grouped(counts.aborted), terminal::grouped(counts.running),
      terminal::grouped(counts.pending));
}

base::Result<Fields> describe_execution(const reading::Query& query, const std::string& arn) {
  auto view = query.execution(arn);
  if (!view) return std::unexpected(view.error());
  Fields fields;
  add(fields, "status", std::string(history::to_string(view->status)));
  add(fields, "executionArn", view->arn);
  add(fields, "stateMachineArn", view->machine_arn);
  add(fields, "name", view->name);
  add(fields, "mapRunArn", view->map_run_arn);
  auto runs = query.map_runs(view->key);
  if (!runs) return std::unexpected(runs.error());
  for (const records::MapRunRecord& run : *runs) add(fields, std::string(kMapRun), run.arn);
  add_dates(fields, view->start_ms, view->stop_ms);
  add(fields, "input", view->input.str());
  add(fields, "output", view->output.str());
  add(fields, "error", view->error.value_or(""));
  add(fields, "cause", view->cause.value_or(""));
  return fields;
}

// Between start and end the other counts are in the running process only.
base::Result<std::string> finished_text(const reading::Query& query,
                                        const records::MapRunRecord& run) {
  history::MapRunCounts ended;
  auto read = query.rows(run.number, [&](const history::ChildRow& row) {
    ++ended.ended(row.status);
    ++ended.total;
    return true;
  });
  if (!read) return std::unexpected(read.error());
  return fmt::format("{}: {} succeeded, {} failed, {} timed out, {} aborted",
                     terminal::counted(ended.total, "child", "children"),
                     terminal::grouped(ended.succeeded), terminal::grouped(ended.failed),
                     terminal::grouped(ended.timed_out), terminal::grouped(ended.aborted));
}

base::Result<Fields> describe_map_run(const reading::Query& query, const std::string& arn) {
  auto run = query.map_run(arn);
  if (!run) return std::unexpected(run.error());
  Fields fields;
  add(fields, "status", std::string(records::to_string(run->status)));
  add(fields, "mapRunArn", run->arn);
  add(fields, "executionArn", run->execution_arn);
  add(fields, "stateName", run->state_name);
  add_dates(fields, run->start_ms, run->stop_ms);
  add(fields, "maxConcurrency", fmt::to_string(run->max_concurrency));
  if (run->status != records::MapRunStatus::kRunning) {
    add(fields, "itemCounts", counts_text(run->items));
    add(fields, "executionCounts", counts_text(run->executions));
  } else {
    auto finished = finished_text(query, *run);
    if (!finished) return std::unexpected(finished.error());
    add(fields, "finished", std::move(*finished));
  }
  add(fields, "error", run->error);
  add(fields, "cause", run->cause);
  return fields;
}

base::Result<Fields> describe_machine(const reading::Query& query, const std::string& arn) {
  auto machine = query.machine(arn);
  if (!machine) return std::unexpected(machine.error());
  auto definition = query.definition(machine->definition_hash);
  if (!definition) return std::unexpected(definition.error());
  Fields fields;
  add(fields, "stateMachineArn", machine->arn);
  add(fields, "name", machine->name);
  add(fields, "type", machine->express ? "EXPRESS" : "STANDARD");
  add(fields, "creationDate", base::format_iso_ms(machine->created_ms));
  add(fields, "roleArn", machine->role_arn);
  add(fields, "definition", definition->str());
  return fields;
}

base::Result<Fields> describe(const reading::Query& query, const std::string& arn) {
  auto parts = arn::parse_states_arn(arn);
  if (!parts) return std::unexpected(parts.error());
  if (parts->kind == "mapRun") return describe_map_run(query, arn);
  if (parts->kind == "stateMachine") return describe_machine(query, arn);
  return describe_execution(query, arn);
}

// `whole`: the command that shows all of a payload.
void print_table(const Fields& fields, const std::string& whole,
                 const terminal::Terminal& terminal) {
  size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, name.size());
  const size_t indent = width + 2;
  for (const auto& [name, value] : fields) {
    const bool payload = name == "input" || name == "output";
    const std::string lines = terminal::lines(payload ? terminal::glance(value, whole) : value,
                                              terminal.room(), indent, indent);
    fmt::print("{}  {}\n", terminal.dim(terminal::fit(name, width)),
               name == "status" ? terminal.status(value) : lines);
  }
}

}  // namespace

base::Result<int> describe_command(const ReadFlags& flags) {
  auto data = open_data(flags.data);
  if (!data) return std::unexpected(data.error());
  auto arn = resolve_arn(*data->query, flags.arn);
  if (!arn) return std::unexpected(arn.error());
  auto fields = describe(*data->query, *arn);
  if (!fields) return std::unexpected(fields.error());
  if (flags.json) {
    json::Arena arena;
    aws::Answer answer(arena);
    json::ArrayBuilder runs(arena);
    for (const auto& [name, value] : *fields) {
      if (name == kMapRun) {
        runs.push(json::Value::string(value, arena));
      } else {
        answer.text(name, value);
      }
    }
    if (runs.size() > 0) answer.value("mapRuns", runs.finish());
    terminal::print_json(answer.to_text());
  } else {
    print_table(*fields,
                fmt::format("weft describe {} --json{}", terminal::shell_word(flags.arn),
                            where_text(flags.data)),
                terminal::Terminal::of(stdout));
  }
  return 0;
}

}  // namespace weft::cli

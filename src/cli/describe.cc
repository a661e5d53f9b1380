#include <fmt/format.h>

#include "aws/answer.h"
#include "base/time.h"
#include "cli/commands.h"
#include "json/write.h"

namespace weft::cli {
namespace {

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
  add_dates(fields, view->start_ms, view->stop_ms);
  add(fields, "input", view->input.str());
  add(fields, "output", view->output.str());
  add(fields, "error", view->error.value_or(""));
  add(fields, "cause", view->cause.value_or(""));
  return fields;
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
  // Between start and end the counts are in the running process only.
  if (run->status != records::MapRunStatus::kRunning) {
    add(fields, "itemCounts", counts_text(run->items));
    add(fields, "executionCounts", counts_text(run->executions));
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

void print_table(const Fields& fields, const terminal::Terminal& terminal) {
  size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, name.size());
  const size_t indent = width + 2;
  for (const auto& [name, value] : fields) {
    const std::string lines = terminal::lines(value, terminal.room(), indent, indent);
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
    for (const auto& [name, value] : *fields) answer.text(name, value);
    terminal::print_json(answer.to_text());
  } else {
    print_table(*fields, terminal::Terminal::of(stdout));
  }
  return 0;
}

}  // namespace weft::cli

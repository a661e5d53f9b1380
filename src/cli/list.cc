#include <fmt/format.h>

#include "arn/arn.h"
#include "aws/answer.h"
#include "base/time.h"
#include "cli/commands.h"
#include "json/write.h"

namespace weft::cli {
namespace {

using history::ExecutionStatus;
using Page = reading::Page<reading::ExecutionItem>;

std::string duration_of(const reading::ExecutionItem& row) {
  return row.stop_ms > row.start_ms ? base::format_duration_us((row.stop_ms - row.start_ms) * 1000)
                                    : "";
}

std::string machine_name(const reading::ExecutionItem& row) {
  return std::string(arn::arn_parts(row.machine_arn).machine);
}

void print_table(const Page& page, const terminal::Terminal& terminal) {
  size_t machine_width = 0;
  size_t name_width = 0;
  for (const auto& row : page.rows) {
    machine_width = std::max(machine_width, terminal::display_width(machine_name(row)));
    name_width = std::max(name_width, terminal::display_width(row.name));
  }
  for (const auto& row : page.rows) {
    const std::string status(history::to_string(row.status));
    fmt::print("{}{}  {}  {:>9}  {}  {}\n", terminal.status(status),
               std::string(9 - std::min<size_t>(status.size(), 9), ' '),
               base::format_iso_ms(row.start_ms), duration_of(row),
               terminal::fit(machine_name(row), machine_width),
               terminal.bold(terminal::fit(row.name, name_width)));
  }
  if (!page.next_token.empty()) fmt::print("{}\n", terminal.dim("more: raise --limit"));
}

void print_json(const Page& page) {
  json::Arena arena;
  json::ArrayBuilder rows(arena);
  for (const auto& row : page.rows) {
    aws::Answer answer(arena);
    answer.text("executionArn", row.arn)
        .text("stateMachineArn", row.machine_arn)
        .text("name", row.name)
        .text("status", history::to_string(row.status))
        .text("startDate", base::format_iso_ms(row.start_ms));
    if (row.stop_ms > 0) answer.text("stopDate", base::format_iso_ms(row.stop_ms));
    rows.push(answer.text_if("mapRunArn", row.map_run_arn).finish());
  }
  fmt::print("{}\n", aws::Answer(arena).value("executions", rows.finish()).to_text());
}

}  // namespace

base::Result<int> list_command(const ListFlags& flags) {
  auto data = open_data(flags.read.data);
  if (!data) return std::unexpected(data.error());
  std::optional<ExecutionStatus> status;
  if (!flags.status.empty()) history::parse_status(flags.status, status.emplace());
  const bool map_run = flags.read.arn.find(":mapRun:") != std::string::npos;
  auto page = map_run ? data->query->children(flags.read.arn, status, flags.limit, "")
                      : data->query->executions(flags.read.arn, status, flags.limit, "");
  if (!page) return std::unexpected(page.error());
  if (flags.read.json) {
    print_json(*page);
  } else {
    print_table(*page, terminal::Terminal::of(stdout));
  }
  return 0;
}

}  // namespace weft::cli

#include <fmt/format.h>

#include "arn/arn.h"
#include "aws/answer.h"
#include "base/time.h"
#include "cli/commands.h"
#include "json/write.h"
#include "terminal/pager.h"
#include "terminal/table.h"

namespace weft::cli {
namespace {

using history::ExecutionStatus;
using Page = reading::Page<reading::ExecutionItem>;

constexpr size_t kWholeTimeFrom = 110;  // columns

std::string duration_of(const reading::ExecutionItem& row) {
  return row.stop_ms > row.start_ms ? base::format_duration_us((row.stop_ms - row.start_ms) * 1000)
                                    : "";
}

std::string machine_name(const reading::ExecutionItem& row) {
  return std::string(arn::arn_parts(row.machine_arn).machine);
}

// Days and seconds do on a terminal, where an execution's name matters more.
std::string start_of(const reading::ExecutionItem& row, const terminal::Terminal& terminal) {
  const std::string text = base::format_iso_ms(row.start_ms);
  if (terminal.room() >= kWholeTimeFrom) return text;
  return text.substr(5, 5) + " " + text.substr(11, 8);
}

void print_table(const Page& page, const terminal::Terminal& terminal) {
  using terminal::Align;
  using terminal::Cut;
  using terminal::Style;
  terminal::Table table({{},
                         {},
                         {.align = Align::kRight},
                         {.cut = Cut::kMiddle, .least = 8},
                         {.cut = Cut::kMiddle, .least = 16}});
  for (const auto& row : page.rows) {
    const std::string status(history::to_string(row.status));
    table.row({{status, terminal::Terminal::style_of_status(status)},
               {start_of(row, terminal)},
               {duration_of(row)},
               {machine_name(row)},
               {row.name, Style::kBold}});
  }
  fmt::print("{}", table.draw(terminal));
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
  terminal::print_json(aws::Answer(arena).value("executions", rows.finish()).to_text());
}

}  // namespace

base::Result<int> list_command(const ListFlags& flags) {
  auto data = open_data(flags.read.data);
  if (!data) return std::unexpected(data.error());
  std::optional<ExecutionStatus> status;
  if (!flags.status.empty()) history::parse_status(flags.status, status.emplace());
  const bool map_run = arn::arn_parts(flags.read.arn).kind == "mapRun";
  auto page = map_run ? data->query->children(flags.read.arn, status, flags.limit, "")
                      : data->query->executions(flags.read.arn, status, flags.limit, "");
  if (!page) return std::unexpected(page.error());
  if (flags.read.json) {
    print_json(*page);
  } else {
    const terminal::Terminal terminal = terminal::Terminal::of(stdout);
    const terminal::Pager pager(terminal, flags.read.pager);
    print_table(*page, terminal);
  }
  return 0;
}

}  // namespace weft::cli

#include <algorithm>
#include <iterator>
#include <utility>

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

// What `text` stands for: a state machine, whose executions are listed, or the Map Runs whose
// children are: itself one, or all of an execution. An execution's own name is looked for last.
struct Listed {
  std::string machine_arn;
  std::vector<records::MapRunRecord> map_runs;
};
base::Result<Listed> listed_by(const reading::Query& query, const std::string& text) {
  const std::string_view kind = arn::arn_parts(text).kind;
  if (text.empty() || kind == "stateMachine") return Listed{.machine_arn = text};
  if (kind == "mapRun") {
    auto run = query.map_run(text);
    if (!run) return std::unexpected(run.error());
    return Listed{.map_runs = {std::move(*run)}};
  }
  if (!text.starts_with("arn:") && text != "latest") {
    const std::string machine = arn::machine_arn(query.identity(), text);
    if (query.machine(machine)) return Listed{.machine_arn = machine};
  }
  auto arn = resolve_arn(query, text);
  if (!arn) return std::unexpected(arn.error());
  auto key = query.find_execution(*arn);
  if (!key) return std::unexpected(key.error());
  auto runs = query.map_runs(*key);
  if (!runs) return std::unexpected(runs.error());
  if (!runs->empty()) return Listed{.map_runs = std::move(*runs)};
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("{} has no Distributed Map, and so no children to list: weft "
                                "describe shows the execution itself",
                                text));
}

base::Result<Page> page_of(const reading::Query& query, const Listed& listed,
                           std::optional<ExecutionStatus> status, size_t limit) {
  if (listed.map_runs.empty()) return query.executions(listed.machine_arn, status, limit, "");
  Page all;
  for (const records::MapRunRecord& run : listed.map_runs) {
    auto page = query.children(run.arn, status, limit - all.rows.size(), "");
    if (!page) return std::unexpected(page.error());
    std::ranges::move(page->rows, std::back_inserter(all.rows));
    all.next_token = std::move(page->next_token);
    if (all.rows.size() == limit) break;
  }
  return all;
}

// Behind an empty list of executions: where the children are.
void say_where_children_are(const Listed& listed, const ListFlags& flags) {
  const std::string status = flags.status.empty() ? "" : " --status " + flags.status;
  const std::string none = status.empty() ? "None." : fmt::format("None is {}.", flags.status);
  if (!listed.map_runs.empty())
    return terminal::say(stderr, none + " Children that still run are not listed.");
  terminal::say(
      stderr, fmt::format("{} The children of an execution's Map Runs: weft list latest{}{}", none,
                          status, where_text(flags.read.data)));
}

}  // namespace

base::Result<int> list_command(const ListFlags& flags) {
  auto data = open_data(flags.read.data);
  if (!data) return std::unexpected(data.error());
  std::optional<ExecutionStatus> status;
  if (!flags.status.empty()) history::parse_status(flags.status, status.emplace());
  const auto listed = listed_by(*data->query, flags.read.arn);
  if (!listed) return std::unexpected(listed.error());
  auto page = page_of(*data->query, *listed, status, flags.limit);
  if (!page) return std::unexpected(page.error());
  if (flags.read.json) {
    print_json(*page);
    return 0;
  }
  {
    const terminal::Terminal terminal = terminal::Terminal::of(stdout);
    const terminal::Pager pager(terminal, flags.read.pager);
    print_table(*page, terminal);
  }
  const bool runs = std::ranges::any_of(page->rows, [&](const reading::ExecutionItem& row) {
    return row.status == ExecutionStatus::kRunning &&
           !data->query->is_imported(row.key).value_or(true);
  });
  if (const std::string note = runs ? unattended_note(flags.read.data) : ""; !note.empty())
    terminal::say(stderr, note);
  if (page->rows.empty()) say_where_children_are(*listed, flags);
  return 0;
}

}  // namespace weft::cli

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "api/state_rows.h"
#include "aws/answer.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/moment.h"
#include "json/parse.h"
#include "net/client.h"
#include "net/url.h"
#include "reading/measured_history.h"

namespace weft::cli {
namespace {

void print_table(const std::vector<columns::StateRow>& rows, const terminal::Terminal& terminal) {
  size_t machine_width = 7;
  size_t state_width = 5;
  const auto machine_of = [](const columns::StateRow& row) {
    return row.child ? row.machine + "/" + row.map_label : row.machine;
  };
  for (const columns::StateRow& row : rows) {
    machine_width = std::max(machine_width, terminal::display_width(machine_of(row)));
    state_width = std::max(state_width, terminal::display_width(row.state));
  }
  fmt::print("{}\n",
             terminal.dim(fmt::format("{}  {}  child  {:>9}  {:>8}  {:>9}  {:>9}  {:>9}  {:>9}",
                                      terminal::fit("machine", machine_width),
                                      terminal::fit("state", state_width), "count", "failed %",
                                      "p50", "p95", "p99", "max")));
  for (const columns::StateRow& row : rows) {
    const double share = 100.0 * static_cast<double>(row.failed) / static_cast<double>(row.count);
    const std::string failed = fmt::format("{:>8.2f}", share);
    fmt::print("{}  {}  {:<5}  {:>9}  {}  {:>9}  {:>9}  {:>9}  {:>9}\n",
               terminal::fit(machine_of(row), machine_width),
               terminal.bold(terminal::fit(row.state, state_width)), row.child ? "yes" : "no",
               terminal::grouped(row.count), row.failed > 0 ? terminal.red(failed) : failed,
               base::format_duration_us(row.p50_us), base::format_duration_us(row.p95_us),
               base::format_duration_us(row.p99_us), base::format_duration_us(row.max_us));
  }
}

// The rows of the data directory; `text` gets them as JSON.
base::Result<std::vector<columns::StateRow>> read_rows(const MetricsFlags& flags,
                                                       const reading::MeasuredRange& range,
                                                       std::string& text) {
  auto data = open_data_directory(flags.data_directory);
  if (!data) return std::unexpected(data.error());
  auto measured = reading::measure_history(*data->query, range);
  if (!measured) return std::unexpected(measured.error());
  auto rows = columns::state_rows(measured->registry());
  json::Arena arena;
  text = aws::Answer(arena).value("rows", api::state_rows_value(rows, arena)).to_text();
  return rows;
}

// The same from the query API of a running weft.
base::Result<std::vector<columns::StateRow>> ask_rows(const MetricsFlags& flags,
                                                      const reading::MeasuredRange& range,
                                                      std::string& text) {
  auto url = net::Url::parse(flags.endpoint);
  if (!url) return base::fail(url.error().code, "--endpoint: " + url.error().message);
  std::string question =
      url->origin() + "/_weft/v1/metrics/states?machine=" + net::percent_encode(flags.machine);
  if (!flags.from.empty()) question += fmt::format("&from={}", range.from_ms * 1'000);
  if (!flags.to.empty()) question += fmt::format("&to={}", range.to_ms * 1'000);
  auto answer = net::HttpClient().request({.url = question});
  if (!answer) return std::unexpected(answer.error());
  json::Arena arena;
  const auto parsed = json::parse(answer->body, arena);
  if (answer->status != 200 || !parsed || !parsed->find("rows").is_array()) {
    return base::fail(base::ErrorCode::kUnavailable,
                      fmt::format("{} does not answer like weft serve: status {}", url->origin(),
                                  answer->status));
  }
  std::vector<columns::StateRow> rows;
  const json::Value list = parsed->find("rows");
  for (size_t i = 0; i < list.size(); ++i) {
    const json::Value row = list.item(i);
    rows.push_back({.machine = std::string(row.find("machine").as_string()),
                    .map_label = std::string(row.find("mapLabel").as_string()),
                    .state = std::string(row.find("state").as_string()),
                    .child = row.find("child").as_bool(),
                    .count = static_cast<uint64_t>(row.find("n").as_int()),
                    .failed = static_cast<uint64_t>(row.find("failed").as_int()),
                    .p50_us = row.find("p50").as_int(),
                    .p95_us = row.find("p95").as_int(),
                    .p99_us = row.find("p99").as_int(),
                    .max_us = row.find("max").as_int()});
  }
  text = std::move(answer->body);
  return rows;
}

}  // namespace

base::Result<int> metrics_command(const MetricsFlags& flags) {
  reading::MeasuredRange range{.machine = flags.machine};
  if (!flags.from.empty()) {
    auto moment = parse_moment("--from", flags.from);
    if (!moment) return std::unexpected(moment.error());
    range.from_ms = *moment;
  }
  if (!flags.to.empty()) {
    auto moment = parse_moment("--to", flags.to);
    if (!moment) return std::unexpected(moment.error());
    range.to_ms = *moment;
  }
  if (!flags.from.empty() && !flags.to.empty() && range.from_ms >= range.to_ms) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("--from {} is not before --to {}", flags.from, flags.to));
  }
  std::string text;
  auto rows = flags.endpoint.empty() ? read_rows(flags, range, text) : ask_rows(flags, range, text);
  if (!rows) return std::unexpected(rows.error());
  if (flags.json) {
    fmt::print("{}\n", text);
  } else {
    print_table(*rows, terminal::Terminal::of(stdout));
    if (rows->empty()) {
      fmt::print(stderr, "No state of {} has ended in this time\n",
                 flags.machine.empty() ? "any state machine" : "'" + flags.machine + "'");
    }
  }
  return 0;
}

}  // namespace weft::cli

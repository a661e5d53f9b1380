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
#include "terminal/table.h"

namespace weft::cli {
namespace {

void print_table(const std::vector<columns::StateRow>& rows, const terminal::Terminal& terminal) {
  using terminal::Align;
  using terminal::Cut;
  using terminal::Style;
  terminal::Table table({{.title = "machine", .cut = Cut::kMiddle, .least = 10},
                         {.title = "state", .cut = Cut::kMiddle, .least = 12},
                         {.title = "child", .spare = 2},
                         {.title = "count", .align = Align::kRight},
                         {.title = "failed %", .align = Align::kRight},
                         {.title = "p50", .align = Align::kRight},
                         {.title = "p95", .align = Align::kRight},
                         {.title = "p99", .align = Align::kRight, .spare = 1},
                         {.title = "max", .align = Align::kRight}});
  for (const columns::StateRow& row : rows) {
    const double share = 100.0 * static_cast<double>(row.failed) / static_cast<double>(row.count);
    table.row({{row.child ? row.machine + "/" + row.map_label : row.machine},
               {row.state, Style::kBold},
               {row.child ? "yes" : "no"},
               {terminal::grouped(row.count)},
               {fmt::format("{:.2f}", share), row.failed > 0 ? Style::kBad : Style::kPlain},
               {base::format_duration_us(row.p50_us)},
               {base::format_duration_us(row.p95_us)},
               {base::format_duration_us(row.p99_us)},
               {base::format_duration_us(row.max_us)}});
  }
  fmt::print("{}", table.draw(terminal));
}

// The rows of the data directory; `text` gets them as JSON.
base::Result<std::vector<columns::StateRow>> read_rows(const MetricsFlags& flags,
                                                       const reading::MeasuredRange& range,
                                                       std::string& text) {
  auto data = open_data_directory(flags.data_directory);
  if (!data) return std::unexpected(data.error());
  auto measured = reading::measure_history(*data->query, range);
  if (!measured) return std::unexpected(measured.error());
  auto rows = columns::state_rows(*measured);
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
  auto answer =
      net::HttpClient({.connect_timeout = kServerConnect, .request_timeout = kServerAnswer})
          .request({.url = question});
  if (!answer) return std::unexpected(answer.error());
  json::Arena arena;
  const auto parsed = json::parse(answer->body, arena);
  if (parsed && parsed->find("error").find("message").is_string()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      std::string(parsed->find("error").find("message").as_string()));
  }
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
    terminal::print_json(text);
  } else {
    print_table(*rows, terminal::Terminal::of(stdout));
    if (rows->empty()) {
      terminal::say(stderr, fmt::format("No state of {} has ended in this time",
                                        flags.machine.empty() ? "any state machine"
                                                              : "'" + flags.machine + "'"));
    }
  }
  return 0;
}

}  // namespace weft::cli

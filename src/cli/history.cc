#include <cstdio>

#include <fmt/format.h>

#include "arn/arn.h"
#include "base/time.h"
#include "cli/commands.h"
#include "history/aws_json.h"
#include "history/logging_level.h"
#include "reading/log_events.h"
#include "terminal/pager.h"
#include "terminal/table.h"

namespace weft::cli {
namespace {

using history::Event;

// What an event is about, in a few words.
std::string subject(const Event& event) {
  std::string text = event.name;
  if (text.empty() && !event.resource.empty())
    text =
        event.resource_type.empty() ? event.resource : event.resource_type + ":" + event.resource;
  if (event.error) text += (text.empty() ? "" : "   ") + *event.error;
  if (event.cause && !event.cause->empty()) text += ": " + *event.cause;
  if (event.timing)
    text += fmt::format("   ran {}", base::format_duration_us(event.timing->run_us));
  return text;
}

bool is_bad(std::string_view type) {
  return type.ends_with("Failed") || type.ends_with("TimedOut") || type.ends_with("Aborted");
}

void print_table(const std::vector<Event>& events, const terminal::Terminal& terminal) {
  using terminal::Align;
  using terminal::Style;
  terminal::Table table({{.align = Align::kRight},
                         {.align = Align::kRight},
                         {.cut = terminal::Cut::kEnd, .least = 30},
                         {.cut = terminal::Cut::kEnd, .least = 12}});
  const base::UnixMs start = events.empty() ? 0 : events.front().time_ms;
  for (const Event& event : events) {
    const std::string type(history::to_string(event.type));
    table.row({{fmt::to_string(event.id)},
               {"+" + base::format_duration_us((event.time_ms - start) * 1000), Style::kDim},
               {type, is_bad(type) ? Style::kBad : Style::kPlain},
               {subject(event)}});
  }
  fmt::print("{}", table.draw(terminal));
}

void print_json(const std::vector<Event>& events, const std::string& region) {
  std::string out = R"({"events":[)";
  for (const Event& event : events) {
    if (!out.ends_with('[')) out += ',';
    history::append_history_event(event, true, out, region);
  }
  terminal::print_json(out + "]}");
}

// What AWS would have written to the state machine's log group.
base::Result<int> print_log_events(const reading::Query& query, const std::string& arn,
                                   const HistoryFlags& flags) {
  reading::LogEventOptions options;
  if (!flags.level.empty()) options.level = history::parse_logging_level(flags.level);
  if (!flags.execution_data.empty()) options.execution_data = flags.execution_data == "true";
  const auto level = reading::log_events(query, arn, options, [](std::string_view line) {
    terminal::print_json(line.substr(0, line.find_last_not_of('\n') + 1));
  });
  if (!level) return std::unexpected(level.error());
  if (*level == history::LoggingLevel::kOff) {
    fmt::print(stderr,
               "The state machine's loggingConfiguration has the level OFF: AWS logs nothing. "
               "--level ALL shows what it would log\n");
  }
  return 0;
}

}  // namespace

base::Result<int> history_command(const HistoryFlags& all_flags) {
  const ReadFlags& flags = all_flags.read;
  auto data = open_data(flags.data);
  if (!data) return std::unexpected(data.error());
  auto arn = resolve_arn(*data->query, flags.arn);
  if (!arn) return std::unexpected(arn.error());
  if (all_flags.log_events) return print_log_events(*data->query, *arn, all_flags);
  auto key = data->query->find_execution(*arn);
  if (!key) return std::unexpected(key.error());
  auto events = data->query->events(*key);
  if (!events) return std::unexpected(events.error());
  std::erase_if(*events, [](const Event& event) { return history::is_internal(event.type); });
  if (flags.json) {
    print_json(*events, arn::parse_states_arn(*arn)->region);
  } else {
    const terminal::Terminal terminal = terminal::Terminal::of(stdout);
    const terminal::Pager pager(terminal, flags.pager);
    print_table(*events, terminal);
  }
  return 0;
}

}  // namespace weft::cli

#include <fmt/format.h>

#include "arn/arn.h"
#include "base/time.h"
#include "cli/commands.h"
#include "history/aws_json.h"
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

}  // namespace

base::Result<int> history_command(const ReadFlags& flags) {
  auto data = open_data(flags.data);
  if (!data) return std::unexpected(data.error());
  auto arn = resolve_arn(*data->query, flags.arn);
  if (!arn) return std::unexpected(arn.error());
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

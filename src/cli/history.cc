#include <algorithm>

#include <fmt/format.h>

#include "arn/arn.h"
#include "base/time.h"
#include "cli/commands.h"
#include "history/aws_json.h"

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
  return terminal::single_line(text);
}

void print_table(const std::vector<Event>& events, const terminal::Terminal& terminal) {
  size_t type_width = 0;
  for (const Event& event : events)
    type_width = std::max(type_width, history::to_string(event.type).size());
  const base::UnixMs start = events.empty() ? 0 : events.front().time_ms;
  for (const Event& event : events) {
    const std::string type(history::to_string(event.type));
    const size_t used = 4 + 2 + 10 + 2 + type_width + 2;
    const size_t room =
        static_cast<size_t>(std::max<int>(terminal.width, 60)) - std::min<size_t>(used, 40);
    const bool bad =
        type.ends_with("Failed") || type.ends_with("TimedOut") || type.ends_with("Aborted");
    const std::string shown = terminal::fit(type, type_width);
    fmt::print("{:>4}  {}  {}  {}\n", event.id,
               terminal.dim(fmt::format(
                   "{:>10}", "+" + base::format_duration_us((event.time_ms - start) * 1000))),
               bad ? terminal.red(shown) : shown, terminal::cut(subject(event), room));
  }
}

void print_json(const std::vector<Event>& events, const std::string& region) {
  std::string out = R"({"events":[)";
  for (const Event& event : events) {
    if (!out.ends_with('[')) out += ',';
    history::append_history_event(event, true, out, region);
  }
  fmt::print("{}]}}\n", out);
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
    print_table(*events, terminal::Terminal::of(stdout));
  }
  return 0;
}

}  // namespace weft::cli

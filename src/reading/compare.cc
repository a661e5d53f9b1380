#include "reading/compare.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"
#include "reading/state_groups.h"
#include "trace/error_text.h"

namespace weft::reading {
namespace {

using history::Event;

std::string line_of(const Event& event) {
  std::string line(history::to_string(event.type));
  // Others have what differs from run to run: ARNs, workers.
  if (history::is_state_entered(event.type) || history::is_state_exited(event.type))
    line += " " + event.name;
  if (event.error) line += " " + *event.error;
  return line;
}

std::vector<std::string> lines_of(const std::vector<Event>& events) {
  std::map<history::ScopeId, std::vector<std::string>> branches;
  for (const Event& event : events) {
    if (!history::is_internal(event.type)) branches[event.scope].push_back(line_of(event));
  }
  std::vector<std::string> lines;
  for (auto& [scope, branch] : branches)
    lines.insert(lines.end(), std::move_iterator(branch.begin()), std::move_iterator(branch.end()));
  return lines;
}

void add_calls(const std::vector<Event>& events, ComparedExecution& side) {
  for (const Event& event : events) {
    if (!event.timing) continue;
    side.calls += 1;
    side.cold_starts += event.timing->init_us > 0 ? 1 : 0;
    side.queued_us += event.timing->queued_us;
    side.init_us += event.timing->init_us;
    side.run_us += event.timing->run_us;
  }
}

base::Result<ComparedExecution> read_side(const Query& query, const std::string& arn) {
  auto view = query.execution(arn);
  if (!view) return std::unexpected(view.error());
  auto events = query.events(view->key);
  if (!events) return std::unexpected(events.error());
  StateGroups groups;
  if (auto added = groups.add_execution(query, arn); !added) return std::unexpected(added.error());
  ComparedExecution side{.view = std::move(*view)};
  if (side.view.stop_ms > 0) side.duration_us = (side.view.stop_ms - side.view.start_ms) * 1'000;
  add_calls(*events, side);
  auto runs = query.map_runs(side.view.key);
  if (!runs) return std::unexpected(runs.error());
  for (const records::MapRunRecord& run : *runs) {
    auto children =
        query.turns(run.number, [&](history::ExecutionKey, const history::TurnEvents& turn) {
          add_calls(turn.events, side);
          return true;
        });
    if (!children) return std::unexpected(children.error());
  }
  side.events = lines_of(*events);
  const std::vector<std::string> names = groups.names();
  const std::vector<columns::RowGroup> states = groups.finish();
  side.states.resize(states.size());
  for (size_t i = 0; i < states.size(); ++i) {
    side.states[states[i].value] = {.name = names[i],
                                    .count = states[i].count,
                                    .failed = states[i].failed,
                                    .total_us = states[i].total};
  }
  return side;
}

bool same_visits(const StateVisits& a, const StateVisits& b) {
  return a.name == b.name && a.count == b.count && a.failed == b.failed;
}

// Without the stack, which tells where functions and their runtime lie.
std::string message_of(const ExecutionView& view) {
  return stable_text(trace::error_text(view.cause.value_or("")).message);
}

std::string output_of(const ComparedExecution& side) {
  return side.view.output.is_null() ? "" : stable_text(indented(side.view.output.view()));
}

}  // namespace

base::Result<Comparison> compare(const Query& before, const std::string& before_arn,
                                 const Query& after, const std::string& after_arn) {
  auto first = read_side(before, before_arn);
  if (!first) return std::unexpected(first.error());
  auto second = read_side(after, after_arn);
  if (!second) return std::unexpected(second.error());
  Comparison result{.before = std::move(*first), .after = std::move(*second)};
  const ExecutionView& was = result.before.view;
  const ExecutionView& is = result.after.view;
  result.status_differs = was.status != is.status;
  result.output_differs = output_of(result.before) != output_of(result.after);
  result.error_differs = was.error != is.error || message_of(was) != message_of(is);
  result.states_differ =
      !std::ranges::equal(result.before.states, result.after.states, same_visits);
  result.events_differ = result.before.events != result.after.events;
  return result;
}

namespace {

// Whether `text` begins like `form`: 'x' a hexadecimal digit, 'd' a digit, 'a' a letter, all else
// itself.
bool begins_like(std::string_view text, std::string_view form) {
  if (text.size() < form.size()) return false;
  for (size_t i = 0; i < form.size(); ++i) {
    const char c = text[i];
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const bool fits = form[i] == 'x'   ? hex
                      : form[i] == 'd' ? digit
                      : form[i] == 'a' ? letter
                                       : c == form[i];
    if (!fits) return false;
  }
  return true;
}

struct Fresh {
  std::string_view form;
  std::string_view shown;
};
// Longer forms first where one begins like another.
constexpr Fresh kFresh[] = {
    {"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "<id>"},
    {"1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx", "<trace id>"},
    {"aaa, dd aaa dddd dd:dd:dd GMT", "<time>"},
    {"dddd-dd-ddTdd:dd:dd.dddZ", "<time>"},
    {"dddd-dd-ddTdd:dd:ddZ", "<time>"},
};

// A moment of the present in Unix milliseconds: a number of its own with 13 digits, from 2017 to
// 2033.
bool is_moment(std::string_view text, bool after_digit) {
  constexpr std::string_view kForm = "ddddddddddddd";
  if (after_digit || !begins_like(text, kForm)) return false;
  const bool goes_on =
      text.size() > kForm.size() && text[kForm.size()] >= '0' && text[kForm.size()] <= '9';
  return !goes_on && text >= "1500000000000" && text < "2000000000000";
}

}  // namespace

std::string stable_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto fresh =
        std::ranges::find_if(kFresh, [&](const Fresh& one) { return begins_like(text, one.form); });
    const bool after_digit = !out.empty() && out.back() >= '0' && out.back() <= '9';
    if (fresh != std::end(kFresh)) {
      out += fresh->shown;
      text.remove_prefix(fresh->form.size());
    } else if (is_moment(text, after_digit)) {
      out += "<time>";
      text.remove_prefix(13);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string indented(std::string_view json) {
  json::Arena arena;
  const auto value = json::parse(json, arena);
  if (!value) return std::string(json);
  std::string text;
  json::write_pretty(*value, text);
  return text;
}

}  // namespace weft::reading

#include "cloudwatch/assembly.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "cloudwatch/scopes.h"

namespace weft::cloudwatch {
namespace {

using history::Event;

// Of two lines about one event the one that tells more: uncut, with data.
bool tells_more(const LogEvent& a, const LogEvent& b) {
  if (a.truncated != b.truncated) return b.truncated;
  if (a.event.text.size() != b.event.text.size()) return a.event.text.size() > b.event.text.size();
  return a.event.timing.has_value() && !b.event.timing.has_value();
}

bool has_gaps(const std::vector<Event>& events) {
  uint64_t expected = 1;
  for (const Event& event : events) {
    if (event.id != expected++) return true;
  }
  return false;
}

}  // namespace

void Assembly::add(LogEvent line) {
  Lines& lines = executions_[line.execution_arn];
  if (lines.map_run_arn.empty()) lines.map_run_arn = line.map_run_arn;
  if (line.child && (!lines.child || line.redrive_count >= lines.child_redrive)) {
    lines.child = line.child;
    lines.child_redrive = line.redrive_count;
  }
  const EventKey key{line.event.id, line.event.type, line.event.time_ms};
  const auto found = lines.events.find(key);
  if (found == lines.events.end()) {
    lines.events.emplace(key, std::move(line));
    return;
  }
  ++lines.duplicates;
  const uint64_t redrive = std::max(found->second.redrive_count, line.redrive_count);
  if (tells_more(line, found->second)) found->second = std::move(line);
  found->second.redrive_count = redrive;
}

std::vector<AssembledExecution> Assembly::finish() {
  std::vector<AssembledExecution> out;
  for (auto& [arn, lines] : executions_) {
    std::vector<LogEvent*> order;
    for (auto& [key, line] : lines.events) order.push_back(&line);
    std::ranges::sort(order, {}, [](const LogEvent* line) {
      return std::tuple(line->redrive_count, line->event.id, line->event.time_ms, line->event.type);
    });
    AssembledExecution& execution = out.emplace_back();
    execution.arn = arn;
    execution.map_run_arn = std::move(lines.map_run_arn);
    execution.child = lines.child;
    execution.duplicates = lines.duplicates;
    for (LogEvent* line : order) execution.events.push_back(std::move(line->event));
    execution.incomplete = has_gaps(execution.events);
    restore_scopes(execution.events);
  }
  executions_.clear();
  return out;
}

}  // namespace weft::cloudwatch

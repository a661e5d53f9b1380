#include "reading/log_events.h"

#include <string>
#include <utility>

#include "arn/arn.h"
#include "cloudwatch/log_event.h"

namespace weft::reading {
namespace {

using history::LoggingLevel;

// Writes the lines of one execution after the other.
class Lines {
 public:
  Lines(LoggingLevel level, const cloudwatch::LogLineOptions& options,
        const std::function<void(std::string_view)>& visit)
      : level_(level), options_(options), visit_(visit) {}

  void add(const std::vector<history::Event>& events, std::string_view arn,
           std::string_view map_run_arn) {
    for (const history::Event& event : events) {
      if (!history::is_logged(event.type, level_)) continue;
      text_.clear();
      cloudwatch::append_log_line({.execution_arn = std::string(arn),
                                   .map_run_arn = std::string(map_run_arn),
                                   .event = event},
                                  options_, text_);
      visit_(text_);
    }
  }

 private:
  const LoggingLevel level_;
  const cloudwatch::LogLineOptions options_;
  const std::function<void(std::string_view)>& visit_;
  std::string text_;
};

// The execution that a child is of, itself or through others: its Map Run's, and that one's.
base::Result<history::ExecutionKey> outermost(const Query& query, history::ExecutionKey key) {
  while (key.run != 0) {
    auto run = query.map_run(key.run);
    if (!run) return std::unexpected(run.error());
    key = run->parent;
  }
  return key;
}

// What the execution began with. Where that is not known (of older stores, and of what was
// imported) that of the machine as it is now: a deleted one has none, and logs nothing.
base::Result<records::LoggingConfiguration> configuration_of(const Query& query,
                                                             history::ExecutionKey key,
                                                             std::string_view execution_arn) {
  const auto top = outermost(query, key);
  if (!top) return std::unexpected(top.error());
  if (*top != history::ExecutionKey{}) {  // an imported child may know no parent
    auto record = query.execution_record(*top);
    if (!record) return std::unexpected(record.error());
    if (record->settings) return std::move(record->settings->logging);
  }
  const auto parts = arn::parse_states_arn(execution_arn);
  if (!parts) return std::unexpected(parts.error());
  auto machine = query.machine(arn::sibling_arn(execution_arn, "stateMachine", parts->machine));
  if (machine) return std::move(machine->logging);
  if (machine.error().code == base::ErrorCode::kStateMachineDoesNotExist)
    return records::LoggingConfiguration();
  return std::unexpected(machine.error());
}

}  // namespace

base::Result<LoggingLevel> log_events(const Query& query, std::string_view execution_arn,
                                      const LogEventOptions& options,
                                      const std::function<void(std::string_view)>& visit) {
  auto key = query.find_execution(execution_arn);
  if (!key) return std::unexpected(key.error());
  auto configured = configuration_of(query, *key, execution_arn);
  if (!configured) return std::unexpected(configured.error());
  const LoggingLevel level = options.level.value_or(configured->level);
  if (level == LoggingLevel::kOff) return level;
  const std::string region = arn::parse_states_arn(execution_arn)->region;
  Lines lines(
      level,
      {.execution_data = options.execution_data.value_or(configured->include_execution_data),
       .weft_member = false,
       .region = region},
      visit);
  auto events = query.events(*key);
  if (!events) return std::unexpected(events.error());
  std::string above;
  if (key->run != 0) {
    auto run = query.map_run(key->run);
    if (!run) return std::unexpected(run.error());
    above = run->arn;
  }
  lines.add(*events, execution_arn, above);
  auto runs = query.map_runs(*key);
  if (!runs) return std::unexpected(runs.error());
  for (const records::MapRunRecord& run : *runs) {
    auto read =
        query.turns(run.number, [&](history::ExecutionKey child, const history::TurnEvents& turn) {
          lines.add(turn.events, query.child_arn(run, child.index), run.arn);
          return true;
        });
    if (!read) return std::unexpected(read.error());
  }
  return level;
}

}  // namespace weft::reading

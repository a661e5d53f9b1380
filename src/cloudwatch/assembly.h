#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cloudwatch/log_event.h"
#include "history/event.h"

namespace weft::cloudwatch {

// One execution as its lines tell it.
struct AssembledExecution {
  std::string arn;
  std::string map_run_arn;             // of a child; "" when no line says
  std::vector<history::Event> events;  // in order, with scopes; retries as internal events
  std::optional<ChildFacts> child;
  uint64_t duplicates = 0;  // lines that were there already
  bool incomplete = false;  // events are missing between the first and the last
};

// Puts lines that come in any order, doubled and mixed over executions, together. Not thread-safe;
// holds all events.
class Assembly {
 public:
  void add(LogEvent line);
  // What was added, by ARN of the execution; the assembly is empty afterwards.
  std::vector<AssembledExecution> finish();

 private:
  // Redrives go on with the ids of the run before, so an id is unique in an execution; a line of
  // another event with the same id is kept, too, rather than lost.
  struct EventKey {
    uint64_t id;
    history::EventType type;
    base::UnixMs time_ms;
    auto operator<=>(const EventKey&) const = default;
  };
  struct Lines {
    std::string map_run_arn;
    std::optional<ChildFacts> child;  // of the last run that a line tells of
    uint64_t child_redrive = 0;
    std::map<EventKey, LogEvent> events;
    uint64_t duplicates = 0;
  };

  std::map<std::string, Lines> executions_;
};

}  // namespace weft::cloudwatch
